import { connect, type Socket } from 'node:net';
import { negotiate, ntlm, type SecurityContext } from '@slipline/windows-auth';
import { conformantOctets } from './ndr-constructs.ts';
import { u32 } from './ndr-scalars.ts';
import { bindRpc, type BindOptions, type RpcConnection } from './rpc-connection.ts';
import { defineInterface, operation, type RpcInterface } from './rpc-interface.ts';
import { connectSmb, type SmbConnection } from './smb-connection.ts';
import type { SmbOptions } from './smb-options.ts';
import {
  accepting,
  ByteWriter,
  FakeSmbServer,
  noRpcFaults,
  RpcEndpoint,
  type FakeSmbOptions,
  type PipeService,
  type RpcEndpointOptions,
  type RpcFaults,
  type RpcService,
} from './testing/index.ts';

const PASSWORD = 'Passw0rd!';
export const NO_SIGNAL: AbortSignal = new AbortController().signal;
export const CALL: { readonly signal: AbortSignal } = { signal: NO_SIGNAL };

/** Samba's interface for trying out RPC. */
export const ECHO = defineInterface({
  name: 'rpcecho',
  uuid: '60a15ec5-4de8-11d7-a637-005056a20182',
  version: [1, 0],
  operations: {
    AddOne: operation(0, { value: u32 }, { value: u32 }),
    EchoData: operation(1, { length: u32, data: conformantOctets }, { data: conformantOctets }),
    SourceData: operation(3, { length: u32 }, { data: conformantOctets }),
    NoSuchOperation: operation(99, {}, {}),
  },
});

/** A second one on the same pipe. */
export const DOUBLER = defineInterface({
  name: 'doubler',
  uuid: 'c5b5e6c8-0a57-4f9e-8d6f-6f5e1a0f0001',
  version: [1, 2],
  operations: { Double: operation(0, { value: u32 }, { value: u32 }) },
});

export const UNKNOWN = defineInterface({
  name: 'unknown',
  uuid: 'c5b5e6c8-0a57-4f9e-8d6f-6f5e1a0f0002',
  version: [1, 0],
  operations: { Ask: operation(0, {}, {}) },
});

/** A fake server with those interfaces behind the pipe `echo`, and what was called on it. */
export class EchoBench implements AsyncDisposable {
  readonly server: FakeSmbServer;
  readonly faults: RpcFaults;
  readonly calls: readonly string[];
  readonly #sockets: Socket[] = [];

  constructor(server: FakeSmbServer, faults: RpcFaults, calls: readonly string[]) {
    this.server = server;
    this.faults = faults;
    this.calls = calls;
  }

  static async start(
    options: Partial<FakeSmbOptions> = {},
    rpc: { readonly minimumLevel?: number; readonly maxFragment?: number } = {},
  ): Promise<EchoBench> {
    const faults = noRpcFaults();
    const calls: string[] = [];
    const user = { userName: 'opadmin', domain: 'CORP', password: PASSWORD };
    const accept = accepting({ users: [user] });
    const onCall: RpcEndpointOptions['onCall'] = ({ name }, opnum) => calls.push(`${name}.${opnum}`);
    const endpoint = echoEndpoint(user, { faults, minimumLevel: 0, onCall, ...rpc });
    const server = await FakeSmbServer.start({ ...options, accept, pipes: new Map([['echo', endpoint]]) });
    return new EchoBench(server, faults, calls);
  }

  async dial(): Promise<Socket> {
    const socket = connect({ port: this.server.port, host: '127.0.0.1', noDelay: true });
    this.#sockets.push(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  }

  async connect(options: Partial<SmbOptions> = {}): Promise<SmbConnection> {
    return await connectSmb({
      socket: options.socket ?? (await this.dial()),
      signal: NO_SIGNAL,
      host: 'server01',
      security: () => signInWith('ntlm'),
      ...options,
    });
  }

  async bind(options: Partial<BindOptions> = {}, smb: Partial<SmbOptions> = {}): Promise<RpcConnection> {
    const connection = await this.connect(smb);
    const pipe = await connection.openPipe('echo', CALL);
    const security = () => signInWith('ntlm');
    return await bindRpc(pipe, { interfaces: [ECHO], security, ...CALL, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  /** Whether this side has let go of every connection it made. */
  get areSocketsDestroyed(): boolean {
    return this.#sockets.every(({ destroyed }) => destroyed);
  }
}

/** The interfaces' server side, without SMB. */
export function echoEndpoint(user: HostUser, options: Partial<RpcEndpointOptions> = {}): PipeService {
  const accept = accepting({ users: [user] });
  const services = [ECHO_SERVICE, DOUBLER_SERVICE];
  const address = '\\PIPE\\echo';
  return (userName) =>
    new RpcEndpoint({ services, accept, faults: noRpcFaults(), userName, address, ...options });
}

interface HostUser {
  readonly userName: string;
  readonly domain?: string;
  readonly password: string;
}

export function signInWith(mechanism: 'ntlm' | 'negotiate', password = PASSWORD): SecurityContext {
  const context = ntlm({ credential: { userName: 'CORP\\opadmin', password } });
  return mechanism === 'ntlm' ? context : negotiate({ mechanisms: [context] });
}

const ECHO_SERVICE: RpcService = {
  ...serving(ECHO),
  operations: {
    0: (stub) => new ByteWriter().u32(stub.u32() + 1).done(),
    1: (stub) => {
      const length = stub.u32();
      return new ByteWriter().u32(stub.u32()).bytes(stub.take(length)).done();
    },
    3: (stub) => {
      const length = stub.u32();
      return new ByteWriter().u32(length).bytes(pattern(length)).done();
    },
  },
};

const DOUBLER_SERVICE: RpcService = {
  ...serving(DOUBLER),
  operations: { 0: (stub) => new ByteWriter().u32(stub.u32() * 2).done() },
};

function serving({ name, uuid, version }: RpcInterface): Pick<RpcService, 'name' | 'uuid' | 'version'> {
  return { name, uuid, version };
}

export function pattern(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, place) => place % 251));
}
