import { DisconnectError, type CallContext, type Clock, type Credential, type Host } from '@slipline/core';
import type { HostAddress } from './host-address.ts';
import { HostPool } from './host-pool.ts';
import { keptCredential } from './kept-credential.ts';
import type { Settings } from './plugin.ts';
import { SmbHost } from './smb-host.ts';
import type { TerminalClient } from './terminal-client.ts';
import { TerminalSessionsClient } from './terminal-sessions-client.ts';

const IDLE_TIMEOUT = 15_000;

/** The way to each host: over SMB with a credential, or through Windows itself. One way is never tried after the other. */
export class Hosts implements AsyncDisposable {
  readonly #dial: Host['dial'];
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #pool: HostPool<SmbHost>;

  constructor(dial: Host['dial'], clock: Clock, settings: Settings) {
    this.#dial = dial;
    this.#clock = clock;
    this.#settings = settings;
    this.#pool = new HostPool(clock, settings.idleTimeout ?? IDLE_TIMEOUT);
  }

  /** Does `work` at the host, as whoever the call's credential is. */
  async at<T>(
    address: HostAddress,
    context: CallContext,
    work: (client: TerminalClient) => Promise<T>,
  ): Promise<T> {
    const { transport = 'auto', encryption, authentication } = this.#settings;
    const mayBeWindows = transport === 'wts' || (transport === 'auto' && process.platform === 'win32');
    const known = await this.#find(address, context, !mayBeWindows);
    if (transport === 'wts' || (known === undefined && mayBeWindows)) {
      const { openWts } = await import('./wts-client.ts');
      await using wts = await openWts(address);
      return await work(wts);
    }
    const credential = known ?? (await this.credential(address, context));
    const how = { encryption, authentication };
    const options = { dial: this.#dial, clock: this.#clock, address, credential, ...how };
    const open = (signal: AbortSignal): Promise<SmbHost> => SmbHost.open(options, signal);
    return this.#pool.use(address.endpoint, credential, context.signal, open, (host) =>
      work(new TerminalSessionsClient(host)),
    );
  }

  /** Throws `unauthenticated` where nobody has one. */
  async credential(address: HostAddress, context: CallContext): Promise<Credential> {
    const credential = await this.#find(address, context, true);
    if (credential !== undefined) return credential;
    throw new DisconnectError('unauthenticated', 'there is no credential for this host', {
      system: address.endpoint,
      next: `give --user-name and --password-stdin, or keep one: slipline connect terminal-sessions ${address.endpoint}`,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool[Symbol.asyncDispose]();
  }

  #find(
    { endpoint }: HostAddress,
    context: CallContext,
    mayPrompt: boolean,
  ): Promise<Credential | undefined> {
    const kept = (userName: string | undefined) => keptCredential(endpoint, userName, context);
    return context.credential(endpoint, { kept, mayPrompt });
  }
}
