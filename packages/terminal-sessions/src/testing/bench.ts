import { DisconnectError, Secret, type Session, type Slipline } from '@slipline/core';
import type { RpcMischief } from '@slipline/msrpc/testing';
import type { Bench, BenchOptions, BenchSession } from '@slipline/testkit';
import { terminalSessions, type TerminalSessionsOptions } from '../plugin.ts';
import type { Desktop, NewDesktop } from './desktops.ts';
import { FakeWindowsHost, type FakeWindowsHostOptions } from './fake-windows-host.ts';

export interface TerminalSessionsBench extends Bench {
  readonly host: FakeWindowsHost;
  connectValues(): { readonly computerName: string; readonly userName: string; readonly password: Secret };
  /** Somebody logs on; answers the session as it is listed, and how it is selected with a credential. */
  logOn(slipline: Slipline, desktop?: Partial<NewDesktop>): Promise<BenchSession>;
  endOnServer(session: Session): Promise<void>;
}

export interface TerminalSessionsBenchOptions extends BenchOptions {
  readonly host?: Partial<FakeWindowsHostOptions> | undefined;
  readonly plugin?: TerminalSessionsOptions | undefined;
  /** Who is logged on from the start; a few people when absent. */
  readonly desktops?: readonly NewDesktop[] | undefined;
}

const MINUTE = 60_000;

/** People, as one finds them in the afternoon; session 5 is that of the example in the cmdlet's help. */
const PEOPLE: readonly NewDesktop[] = [
  { userName: 'asmith', client: { name: 'LAPTOP-AS', address: '192.0.2.22' }, lastInput: 2 * MINUTE },
  { userName: 'svc-backup', loggedOn: 2880 * MINUTE, lastInput: 2870 * MINUTE, isDisconnected: true },
  { userName: 'jdoe', id: 5, client: { name: 'DESK-117', address: '192.0.2.117' }, lastInput: 95 * MINUTE },
];

/** The host of the examples in the cmdlet's help. */
const NAME = 'SERVER01';
/** That of SMB: the same name on another port is another service's. */
const PORT = 445;
const CHANGES = ['TermSrvSession.3', 'TermSrvSession.4', 'TermSrvSession.9', 'LegacyApi.13', 'LegacyApi.14'];
/** E_FAIL. */
const FAILED = Buffer.from('05400080', 'hex');
const FAILURES: Readonly<Record<'error' | 'hang', RpcMischief>> = {
  error: { answer: FAILED },
  hang: 'hang',
};

/** Starts a fake host on loopback with an administrator, and somebody who may only look. */
export async function openBench(options: TerminalSessionsBenchOptions = {}): Promise<TerminalSessionsBench> {
  const { password = () => 'fake-password' } = options;
  const users = [
    { userName: 'opadmin', domain: 'DOMAIN', password: password() },
    { userName: 'auditor', domain: 'DOMAIN', password: password() },
  ];
  const host = await FakeWindowsHost.start({ users, name: NAME, ...options.host });
  const { desktops, services } = host;
  desktops.grant('auditor', 'query');
  for (const desktop of options.desktops ?? PEOPLE) desktops.logOn(desktop);
  const plugin = terminalSessions({ transport: 'smb', ...options.plugin });
  const network = { resolve: [{ host: NAME, port: PORT, address: '127.0.0.1', toPort: host.port }] };
  /** Desktops that were made here, by fingerprint. */
  const known = new Map<string, Desktop>();

  const connectValues: TerminalSessionsBench['connectValues'] = () => {
    const [user] = host.users;
    return {
      computerName: NAME,
      userName: `${user?.domain ?? NAME}\\${user?.userName ?? ''}`,
      password: new Secret(user?.password ?? ''),
    };
  };

  async function logOn(slipline: Slipline, wanted: Partial<NewDesktop> = {}): Promise<BenchSession> {
    const desktop = desktops.logOn({ userName: 'jdoe', ...wanted });
    const { userName, password: secret, computerName } = connectValues();
    const selector = { computerName: [computerName], sessionId: [desktop.id], userName, password: secret };
    const { sessions, problems } = await slipline.sessions({ provider: plugin.id, selector });
    const [session] = sessions;
    if (session === undefined)
      throw problems[0]?.error ?? new DisconnectError('internal', 'a new desktop is not listed');
    known.set(session.fingerprint, desktop);
    return { session, selector };
  }

  const desktopOf = ({ id, fingerprint }: Session): Desktop | undefined => {
    const now = desktops.get(Number(id));
    const made = known.get(fingerprint);
    return made === undefined || made === now ? now : undefined;
  };

  return {
    host,
    plugin,
    facts: {
      endpoint: NAME,
      users: users.map(({ domain, userName, password: secret }, place) => ({
        userName: `${domain}\\${userName}`,
        password: secret,
        role: place === 0 ? 'Administrator' : 'may list sessions only',
      })),
      environment: { SLIPLINE_RESOLVE: `${NAME}:${PORT}:127.0.0.1:${host.port}` },
    },
    network,
    connectValues,
    logOn,
    open: (slipline) => logOn(slipline),
    observe: async (session) => {
      const desktop = desktopOf(session);
      if (desktop === undefined) return 'gone';
      return desktop.state === 'Disconnected' ? 'detached' : 'live';
    },
    expected: (effect) => (effect === 'detach' ? 'detached' : effect === 'end' ? 'gone' : 'live'),
    replace: async (_slipline, session) => {
      const id = Number(session.id);
      desktops.logOff(id);
      desktops.logOn({ userName: 'asmith', id, loggedOn: 1000 });
    },
    endOnServer: async (session) => desktops.logOff(Number(session.id)),
    writes: () => CHANGES.reduce((sum, name) => sum + (services.calls.get(name) ?? 0), 0),
    requests: () => host.smb.requestCount,
    sessionCount: () => desktops.ofPeople().length,
    fail: (how) => {
      if (how === 'lie') desktops.lies = true;
      else
        for (const name of ['TermSrvSession.3', 'TermSrvSession.4'])
          services.faults.calls.set(name, FAILURES[how]);
    },
    heal: () => host.heal(),
    canaries: () => host.users.map((user) => user.password),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
