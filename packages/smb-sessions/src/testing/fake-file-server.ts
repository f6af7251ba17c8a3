import {
  accepting,
  FakeSmbServer,
  noRpcFaults,
  RpcEndpoint,
  type FakeSmbOptions,
  type RpcFaults,
} from '@slipline/msrpc/testing';
import { FileSessions } from './file-sessions.ts';
import { srvsvcService } from './srvsvc-service.ts';

export interface ServerUser {
  readonly userName: string;
  readonly password: string;
  readonly domain?: string | undefined;
  readonly isAdministrator?: boolean | undefined;
}

export interface FakeFileServerOptions {
  readonly users: readonly ServerUser[];
  /** What the server calls itself; FILES01 when absent. */
  readonly name?: string | undefined;
  readonly smb?: Omit<Partial<FakeSmbOptions>, 'accept' | 'pipes'> | undefined;
}

/** A file server on loopback: SMB, RPC and the server service, as far as sessions need them. Sessions of clients are its
 *  own state; the connections that manage it are not among them. */
export class FakeFileServer implements AsyncDisposable {
  readonly sessions: FileSessions;
  readonly faults: RpcFaults;
  readonly smb: FakeSmbServer;

  private constructor(sessions: FileSessions, faults: RpcFaults, smb: FakeSmbServer) {
    this.sessions = sessions;
    this.faults = faults;
    this.smb = smb;
  }

  static async start({ users, name = 'FILES01', smb }: FakeFileServerOptions): Promise<FakeFileServer> {
    const accept = accepting({ users, target: { netbiosComputer: name } });
    const administrators = users.filter((user) => user.isAdministrator).map((user) => user.userName);
    const sessions = new FileSessions(administrators, Date.now);
    const faults = noRpcFaults();
    const services = [srvsvcService(sessions)];
    const pipe = (userName: string): RpcEndpoint =>
      new RpcEndpoint({ services, accept, faults, userName, address: '\\PIPE\\srvsvc' });
    const server = await FakeSmbServer.start({ ...smb, accept, pipes: new Map([['srvsvc', pipe]]) });
    return new FakeFileServer(sessions, faults, server);
  }

  get port(): number {
    return this.smb.port;
  }

  /** All is well again. */
  heal(): void {
    this.faults.calls.clear();
    this.faults.absent.clear();
    this.faults.bind = undefined;
    this.smb.heal();
    this.sessions.lies = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.smb[Symbol.asyncDispose]();
  }
}
