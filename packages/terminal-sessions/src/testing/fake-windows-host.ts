import {
  accepting,
  FakeSmbServer,
  noRpcFaults,
  RpcEndpoint,
  type Accept,
  type FakeSmbOptions,
  type PipeService,
  type RpcFaults,
  type RpcService,
} from '@slipline/msrpc/testing';
import { clientService } from './client-service.ts';
import { Desktops } from './desktops.ts';
import { enumerationService } from './enumeration-service.ts';
import { legacyService } from './legacy-service.ts';
import { sessionService } from './session-service.ts';

/** Somebody who may sign in from afar. */
export interface HostUser {
  readonly userName: string;
  readonly password: string;
  readonly domain?: string | undefined;
}

export interface FakeWindowsHostOptions {
  readonly users: readonly HostUser[];
  /** What the host calls itself; SERVER01 when absent. */
  readonly name?: string | undefined;
  /** How SMB is spoken; 3.1.1 with signing and encryption when absent. */
  readonly smb?: Omit<Partial<FakeSmbOptions>, 'accept' | 'pipes'> | undefined;
  /** Octets of one RPC fragment. */
  readonly maxFragment?: number | undefined;
  /** Milliseconds since 1970; the clock of this machine when absent. */
  readonly now?: (() => number) | undefined;
}

/** The pipes of MS-TSTS, by name, and what calls go wrong. One `Desktops` is behind them all. */
export class TerminalServices {
  readonly desktops: Desktops;
  readonly faults: RpcFaults = noRpcFaults();
  /** Calls by `interface name.opnum`. */
  readonly calls = new Map<string, number>();
  /** Runs before a call of this name is carried out. */
  readonly before = new Map<string, () => void>();
  readonly #accept: Accept;
  readonly #maxFragment: number | undefined;
  readonly #arrivals = new Map<string, (() => void)[]>();

  constructor(accept: Accept, now: () => number, maxFragment?: number) {
    this.desktops = new Desktops(now);
    this.#accept = accept;
    this.#maxFragment = maxFragment;
  }

  /** By name in lower case. */
  pipes(): Map<string, PipeService> {
    const { desktops } = this;
    return new Map([
      [
        'lsm_api_service',
        this.#pipe('LSM_API_service', [enumerationService(desktops), sessionService(desktops)]),
      ],
      ['termsrv_api_service', this.#pipe('TermSrv_API_service', [clientService(desktops)])],
      ['ctx_winstation_api_service', this.#pipe('Ctx_WinStation_API_service', [legacyService(desktops)])],
    ]);
  }

  get callCount(): number {
    return [...this.calls.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves with the next call of this name, such as `TermSrvSession.3`. */
  arrival(name: string): Promise<void> {
    return new Promise((resolve) => this.#arrivals.set(name, [...(this.#arrivals.get(name) ?? []), resolve]));
  }

  #pipe(address: string, services: readonly RpcService[]): PipeService {
    return (userName) =>
      new RpcEndpoint({
        services,
        accept: this.#accept,
        faults: this.faults,
        userName,
        maxFragment: this.#maxFragment,
        address: `\\PIPE\\${address}`,
        onCall: (service, opnum) => this.#called(`${service.name}.${opnum}`),
      });
  }

  #called(name: string): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    const waiting = this.#arrivals.get(name) ?? [];
    this.#arrivals.delete(name);
    for (const resolve of waiting) resolve();
    this.before.get(name)?.();
  }
}

/** A Windows host on loopback: SMB, RPC and terminal services, as far as sessions need them. */
export class FakeWindowsHost implements AsyncDisposable {
  readonly services: TerminalServices;
  readonly smb: FakeSmbServer;
  readonly users: readonly HostUser[];

  private constructor(services: TerminalServices, smb: FakeSmbServer, users: readonly HostUser[]) {
    this.services = services;
    this.smb = smb;
    this.users = users;
  }

  static async start(options: FakeWindowsHostOptions): Promise<FakeWindowsHost> {
    const { users, name = 'SERVER01', now = Date.now, maxFragment } = options;
    const accept = accepting({ users, target: { netbiosComputer: name } });
    const services = new TerminalServices(accept, now, maxFragment);
    const smb = await FakeSmbServer.start({ ...options.smb, accept, pipes: services.pipes() });
    return new FakeWindowsHost(services, smb, users);
  }

  get desktops(): Desktops {
    return this.services.desktops;
  }

  get port(): number {
    return this.smb.port;
  }

  /** All is well again. */
  heal(): void {
    const { faults, desktops } = this.services;
    faults.calls.clear();
    faults.absent.clear();
    faults.bind = undefined;
    this.services.before.clear();
    this.smb.heal();
    desktops.lies = false;
    desktops.settlesAfter = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.smb[Symbol.asyncDispose]();
  }
}
