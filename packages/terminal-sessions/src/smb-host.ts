import type { Clock, Credential, Host } from '@slipline/core';
import {
  bindRpc,
  connectSmb,
  type RpcConnection,
  type RpcInterface,
  type SmbConnection,
  type SmbEncryption,
} from '@slipline/msrpc';
import { kerberos, negotiate, ntlm, type Mechanism } from '@slipline/windows-auth';
import pLimit from 'p-limit';
import type { HostAddress } from './host-address.ts';
import { raced } from './host-pool.ts';
import { TerminalError } from './terminal-client.ts';

export interface SmbHostOptions {
  readonly dial: Host['dial'];
  readonly clock: Clock;
  readonly address: HostAddress;
  readonly credential: Credential;
  readonly encryption?: SmbEncryption | undefined;
  /** `ntlm` when absent. */
  readonly authentication?: 'ntlm' | 'kerberos' | undefined;
}

/** A pipe of a host and the interfaces that are spoken over it. */
export interface PipeKind {
  readonly name: string;
  readonly interfaces: readonly [RpcInterface, ...RpcInterface[]];
}

/** Pipes of one kind that are open at once. A call that hangs holds up its own only. */
const PIPES = 4;

/** A signed-in connection to a host. Its pipes are opened as they are needed, each signed in for itself, and used again. */
export class SmbHost {
  readonly #smb: SmbConnection;
  readonly #security: () => Mechanism;
  readonly #lanes = new Map<string, Lane>();
  readonly #missing = new Set<string>();

  private constructor(smb: SmbConnection, security: () => Mechanism) {
    this.#smb = smb;
    this.#security = security;
  }

  static async open(options: SmbHostOptions, signal: AbortSignal): Promise<SmbHost> {
    const { dial, clock, encryption, address } = options;
    const { host, port } = address;
    const socket = await dial({ host, port }, signal);
    const smb = await connectSmb({
      socket,
      signal,
      host,
      security: () => negotiate({ mechanisms: [signIn(options, 'cifs')] }),
      clock,
      ...(encryption !== undefined && { encryption }),
    });
    return new SmbHost(smb, () => signIn(options, 'host', true));
  }

  get isOpen(): boolean {
    return this.#smb.isOpen;
  }

  /** The host turned out not to have this kind of pipe, or to keep it from us. */
  doWithout({ name }: PipeKind): void {
    this.#missing.add(name);
  }

  isWithout({ name }: PipeKind): boolean {
    return this.#missing.has(name);
  }

  /** Does `work` over a pipe of this kind, which nobody else uses meanwhile, nor afterwards where it calls `giveUp`. */
  over<T>(
    kind: PipeKind,
    signal: AbortSignal,
    work: (rpc: RpcConnection, giveUp: () => void) => Promise<T>,
  ): Promise<T> {
    const lane = this.#lanes.get(kind.name) ?? { limit: pLimit(PIPES), idle: [] };
    this.#lanes.set(kind.name, lane);
    const begun = lane.limit(async () => {
      signal.throwIfAborted();
      const rpc = lane.idle.pop() ?? (await this.#bind(kind, signal));
      let isWell = true;
      const giveUp = (): void => void (isWell = false);
      try {
        return await work(rpc, giveUp);
      } catch (error) {
        if (!TerminalError.is(error)) giveUp();
        throw error;
      } finally {
        if (isWell) lane.idle.push(rpc);
        // What it was in the middle of is not known; the next call has a pipe of its own.
        else await rpc.close();
      }
    });
    return raced(begun, signal);
  }

  close(): Promise<void> {
    return this.#smb.close();
  }

  async #bind({ name, interfaces }: PipeKind, signal: AbortSignal): Promise<RpcConnection> {
    const pipe = await this.#smb.openPipe(name, { signal });
    return bindRpc(pipe, { interfaces, security: this.#security, signal });
  }
}

/** Both protocols sign in for themselves, RPC with three legs where it does so with a ticket. */
function signIn(options: SmbHostOptions, service: 'cifs' | 'host', isDceStyle = false): Mechanism {
  const { authentication = 'ntlm', address, clock } = options;
  const { userName, password } = options.credential;
  const credential = { userName, password: () => password.reveal() };
  const target = `${service}/${address.host}`;
  return authentication === 'kerberos'
    ? kerberos({ credential, target, isDceStyle })
    : ntlm({ credential, target, clock });
}

interface Lane {
  readonly limit: ReturnType<typeof pLimit>;
  readonly idle: RpcConnection[];
}
