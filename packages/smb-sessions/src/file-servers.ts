import {
  DisconnectError,
  Secret,
  type CallContext,
  type Clock,
  type Credential,
  type Host,
} from '@slipline/core';
import { bindRpc, connectSmb } from '@slipline/msrpc';
import { kerberos, negotiate, ntlm, type Mechanism } from '@slipline/windows-auth';
import { CONNECTION } from './file-session.ts';
import type { SmbSessionsOptions } from './plugin.ts';
import type { ServerAddress } from './server-address.ts';
import { SmbSessionsClient } from './smb-sessions-client.ts';
import { SRVSVC } from './srvsvc.ts';

/** The way to each server: signed in as whoever the call's credential is, for one piece of work. */
export class FileServers {
  readonly #dial: Host['dial'];
  readonly #clock: Clock;
  readonly #settings: SmbSessionsOptions;

  constructor(dial: Host['dial'], clock: Clock, settings: SmbSessionsOptions) {
    this.#dial = dial;
    this.#clock = clock;
    this.#settings = settings;
  }

  async at<T>(
    address: ServerAddress,
    context: CallContext,
    work: (client: SmbSessionsClient) => Promise<T>,
  ): Promise<T> {
    const { signal } = context;
    const { host, port } = address;
    const credential = await this.credential(address, context);
    const socket = await this.#dial({ host, port }, signal);
    await using smb = await connectSmb({
      socket,
      signal,
      host,
      security: () => negotiate({ mechanisms: [this.#signIn(credential, `cifs/${host}`)] }),
      clock: this.#clock,
      encryption: this.#settings.encryption,
    });
    const pipe = await smb.openPipe('srvsvc', { signal });
    const security = (): Mechanism => this.#signIn(credential, `host/${host}`, true);
    await using rpc = await bindRpc(pipe, { interfaces: [SRVSVC], security, signal });
    return await work(new SmbSessionsClient(rpc));
  }

  /** That of the call, else the newest that a connection keeps. Throws `unauthenticated` where nobody has one. */
  async credential({ endpoint }: ServerAddress, context: CallContext): Promise<Credential> {
    const kept = (userName: string | undefined) => keptCredential(endpoint, userName, context);
    const credential = await context.credential(endpoint, { kept, mayPrompt: true });
    if (credential !== undefined) return credential;
    throw new DisconnectError('unauthenticated', 'there is no credential for this server', {
      system: endpoint,
      next: `give --user-name and --password-stdin, or keep one: slipline connect smb-sessions ${endpoint}`,
    });
  }

  #signIn({ userName, password }: Credential, target: string, isDceStyle = false): Mechanism {
    const credential = { userName, password: () => password.reveal() };
    return this.#settings.authentication === 'kerberos'
      ? kerberos({ credential, target, isDceStyle })
      : ntlm({ credential, target, clock: this.#clock });
  }
}

/** What `connect` has sealed with a connection. */
export function sealed({ userName, password }: Credential): Secret {
  return new Secret(JSON.stringify({ userName, password: password.reveal() }));
}

async function keptCredential(
  endpoint: string,
  userName: string | undefined,
  context: CallContext,
): Promise<Credential | undefined> {
  const session = (await context.own()).findLast(
    (one) =>
      one.kind === CONNECTION &&
      one.state === 'live' &&
      one.endpoint.toLowerCase() === endpoint.toLowerCase() &&
      (userName === undefined || one.principal?.toLowerCase() === userName.toLowerCase()),
  );
  if (session === undefined) return undefined;
  const kept = JSON.parse((await context.secret(session)).reveal()) as Readonly<Record<string, unknown>>;
  const { userName: name, password } = kept;
  if (typeof name !== 'string' || typeof password !== 'string') return undefined;
  return { userName: name, password: new Secret(password) };
}
