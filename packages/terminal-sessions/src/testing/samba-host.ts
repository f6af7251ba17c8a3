import {
  accepting,
  Samba,
  SAMBA_PASSWORD,
  SAMBA_USER,
  servePipe,
  type SambaSettings,
} from '@slipline/msrpc/testing';
import type { Desktops } from './desktops.ts';
import { TerminalServices, type HostUser } from './fake-windows-host.ts';

const NAME = 'TSTHOST';

/** Debian's smbd with the fake's services behind its pipes: connection, sign-in, signing and encryption are a real server's. */
export class SambaHost implements AsyncDisposable {
  readonly services: TerminalServices;
  readonly user: HostUser = { userName: SAMBA_USER, password: SAMBA_PASSWORD };
  readonly #samba: Samba;
  readonly #pipes: AsyncDisposable[] = [];

  private constructor(samba: Samba) {
    this.#samba = samba;
    const accept = accepting({ users: [this.user], target: { netbiosComputer: NAME } });
    this.services = new TerminalServices(accept, Date.now);
  }

  /** Needs root, and the packages samba and samba-common-bin. */
  static async start(settings: SambaSettings = {}): Promise<SambaHost> {
    const samba = await Samba.start(settings);
    const host = new SambaHost(samba);
    for (const [name, service] of host.services.pipes())
      host.#pipes.push(await servePipe(samba.pipes, name, service));
    return host;
  }

  get desktops(): Desktops {
    return this.services.desktops;
  }

  get port(): number {
    return this.#samba.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pipe of this.#pipes) await pipe[Symbol.asyncDispose]();
    await this.#samba.stop();
  }
}
