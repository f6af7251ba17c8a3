import { DisconnectError, Secret, type Session, type Slipline } from '@slipline/core';
import type { Bench, BenchOptions, BenchSession } from '@slipline/testkit';
import { smbSessions, type SmbSessionsOptions } from '../plugin.ts';
import { FakeFileServer, type FakeFileServerOptions } from './fake-file-server.ts';
import type { NewFileSession, ServedSession } from './file-sessions.ts';

export interface SmbSessionsBench extends Bench {
  readonly server: FakeFileServer;
  connectValues(): { readonly computerName: string; readonly userName: string; readonly password: Secret };
}

export interface SmbSessionsBenchOptions extends BenchOptions {
  readonly smb?: FakeFileServerOptions['smb'];
  readonly plugin?: SmbSessionsOptions | undefined;
  /** Who uses the server from the start; a few people when absent. */
  readonly sessions?: readonly NewFileSession[] | undefined;
}

const NAME = 'FILES01';
const PORT = 445;
const MINUTE = 60_000;

const PEOPLE: readonly NewFileSession[] = [
  { user: 'asmith', client: '192.0.2.22', opens: 4, begun: 190 * MINUTE },
  { user: 'svc-backup', client: '192.0.2.9', begun: 2880 * MINUTE, lastUsed: 2870 * MINUTE },
  { user: 'jdoe', client: '192.0.2.117', opens: 1, begun: 400 * MINUTE, lastUsed: 95 * MINUTE },
];

/** Starts a fake file server on loopback with an administrator, and somebody who may only look. */
export async function openBench(options: SmbSessionsBenchOptions = {}): Promise<SmbSessionsBench> {
  const { password = () => 'fake-password' } = options;
  const admin = { userName: 'opadmin', domain: 'DOMAIN', password: password(), isAdministrator: true };
  const users = [admin, { userName: 'auditor', domain: 'DOMAIN', password: password() }];
  const server = await FakeFileServer.start({ users, name: NAME, smb: options.smb });
  const { sessions } = server;
  for (const one of options.sessions ?? PEOPLE) sessions.open({ ...one, begun: steady(one.begun) });
  const plugin = smbSessions(options.plugin);
  /** Sessions that were made here, by fingerprint and id. */
  const known = new Map<string, ServedSession>();
  let made = 0;

  const connectValues: SmbSessionsBench['connectValues'] = () => ({
    computerName: NAME,
    userName: `${admin.domain}\\${admin.userName}`,
    password: new Secret(admin.password),
  });

  async function open(slipline: Slipline): Promise<BenchSession> {
    const served = sessions.open({ client: `198.51.100.${++made}`, begun: steady() });
    const { computerName, ...credential } = connectValues();
    const selector = { computerName: [computerName], client: [served.client], ...credential };
    const { sessions: listed, problems } = await slipline.sessions({ provider: plugin.id, selector });
    const [session] = listed;
    if (session === undefined)
      throw problems[0]?.error ?? new DisconnectError('internal', 'a new session is not listed');
    known.set(session.fingerprint, served);
    return { session, selector };
  }

  const servedAs = ({ id, fingerprint }: Session): readonly ServedSession[] => {
    const one = known.get(fingerprint);
    if (one !== undefined) return sessions.has(one) ? [one] : [];
    const [client, user] = id.split('\\');
    return sessions.matching(client, user);
  };

  return {
    server,
    plugin,
    facts: {
      endpoint: NAME,
      users: users.map(({ domain, userName, password: secret }) => ({
        userName: `${domain}\\${userName}`,
        password: secret,
        role: userName === admin.userName ? 'Administrator' : 'may list sessions only',
      })),
      environment: { SLIPLINE_RESOLVE: `${NAME}:${PORT}:127.0.0.1:${server.port}` },
    },
    network: { resolve: [{ host: NAME, port: PORT, address: '127.0.0.1', toPort: server.port }] },
    connectValues,
    open,
    observe: async (session) => (servedAs(session).length > 0 ? 'live' : 'gone'),
    expected: (effect) => (effect === 'end' ? 'gone' : 'live'),
    replace: async (_slipline, session) => {
      for (const served of servedAs(session)) {
        sessions.close(served);
        sessions.open({ ...served, begun: MINUTE, lastUsed: 0 });
      }
    },
    endOnServer: async (session) => servedAs(session).forEach((served) => sessions.close(served)),
    writes: () => sessions.endRequests,
    requests: () => server.smb.requestCount,
    sessionCount: () => sessions.all.length,
    fail: (how) => {
      if (how === 'lie') sessions.lies = true;
      // ERROR_GEN_FAILURE.
      else server.faults.calls.set('srvsvc.13', how === 'hang' ? 'hang' : { answer: Buffer.of(31, 0, 0, 0) });
    },
    heal: () => server.heal(),
    canaries: () => users.map((user) => user.password),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** So long ago at least, at a moment that rounds to the same one however many seconds an answer takes. */
function steady(ago = 60 * MINUTE): number {
  const now = Date.now();
  return now - Math.floor((now - ago) / (5 * MINUTE)) * 5 * MINUTE;
}
