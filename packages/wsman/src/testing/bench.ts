import { Secret, type Session, type Slipline } from '@slipline/core';
import type { ActiveFault } from '@slipline/fake-http';
import { createAuthority, type Bench, type BenchOptions, type BenchSession } from '@slipline/testkit';
import { wsman } from '../plugin.ts';
import { FakeWinrm, type FakeWinrmOptions } from './fake-winrm.ts';
import { faults, type Fault } from './faults.ts';
import { RESOURCES } from './namespaces.ts';
import type { RequestKind } from './recorded-request.ts';
import { ownerName, type WinrmUser } from './settings.ts';
import type { Shell } from './shell-store.ts';

/** The bench of a fake WinRM service, which can be asked and upset directly too. */
export interface WsmanBench extends Bench {
  readonly winrm: FakeWinrm;
  connectValues(): {
    readonly computerName: string;
    readonly userName: string;
    readonly password: Secret;
  };
  endOnServer(session: Session): Promise<void>;
}

export interface WsmanBenchOptions extends BenchOptions {
  /** What its sessions are: shells on the server, or the connections through which they are seen; shells when absent. */
  readonly sessions?: 'shells' | 'connections' | undefined;
  /** Settings of the fake service. Those of users win over `password`. */
  readonly winrm?: FakeWinrmOptions | undefined;
}

/** The computer of the examples in the help of Disconnect-WSMan, its long name, and a second name for the same fake. */
const NAME = 'server01';
const NAMES = [NAME, `${NAME}.corp.example`, 'server02'];

const ENDINGS: readonly RequestKind[] = ['Delete', 'Disconnect'];
const FAILURES: Readonly<Record<Parameters<Bench['fail']>[0], Fault>> = {
  error: faults.soapFault('INTERNAL_ERROR'),
  hang: faults.hang(),
  lie: faults.lie(),
};
/** Requests that change nothing, whatever becomes of them. */
const READS: ReadonlySet<string> = new Set<RequestKind>([
  'Authenticate',
  'Identify',
  'Get',
  'Enumerate',
  'Pull',
  'Release',
]);

/** Starts a fake WinRM service on loopback with an administrator, and somebody who has left two shells open. */
export async function openBench(options: WsmanBenchOptions = {}): Promise<WsmanBench> {
  const { password = () => 'fake-password', sessions = 'shells' } = options;
  const authority = options.authority ?? (await createAuthority());
  const winrm = await FakeWinrm.start({
    certificate: await authority.issue({ commonName: NAME, names: ['127.0.0.1', 'localhost', ...NAMES] }),
    users: [
      { userName: 'Administrator', domain: 'CORP', password: password(), isAdministrator: true },
      { userName: 'jdoe', domain: 'CORP', password: password() },
    ],
    ...options.winrm,
  });
  leaveShells(winrm);
  const plugin = wsman();
  const connections = new Connections();
  let failures: readonly ActiveFault[] = [];

  const valuesOf = (number: number): ReturnType<WsmanBench['connectValues']> => {
    const user = winrm.settings.users[number];
    if (user === undefined) throw new Error('The service has too few users.');
    return {
      computerName: NAME,
      userName: ownerName(user, winrm.settings),
      password: new Secret(user.password),
    };
  };

  async function openConnection(slipline: Slipline, user = 0): Promise<BenchSession> {
    const { session } = await slipline.connect(plugin.id, valuesOf(user));
    return { session, selector: { computerName: [session.id] } };
  }

  /** A PowerShell shell that another client has opened, seen through the one connection there is. */
  async function openShell(slipline: Slipline): Promise<BenchSession> {
    await connections.ensure(slipline, () => openConnection(slipline));
    const { id } = winrm.openShell(newShell(winrm));
    const selector = { computerName: [NAME], shellId: [id] };
    const { sessions: found, problems } = await slipline.sessions({ provider: plugin.id, selector });
    const [session] = found;
    if (session === undefined)
      throw new Error(`The shell is not listed: ${problems[0]?.error.message ?? 'no reason given'}.`);
    return { session, selector };
  }

  const shellOf = ({ id }: Session): Shell | undefined => winrm.openShells().find((shell) => shell.id === id);
  const isConnection = ({ kind }: Session): boolean => kind === 'connection';

  return {
    winrm,
    plugin,
    facts: {
      endpoint: NAME,
      users: winrm.settings.users.map((user) => ({
        userName: ownerName(user, winrm.settings),
        password: user.password,
        role: roleOf(user),
      })),
      authority: authority.certificate,
      environment: {
        SLIPLINE_RESOLVE: rulesFor(winrm)
          .map(({ host, port, address, toPort }) => `${host}:${port}:${address}:${toPort}`)
          .join(','),
      },
    },
    network: { authorities: [authority.certificate], resolve: rulesFor(winrm) },
    connectValues: () => valuesOf(0),
    open: (slipline) => (sessions === 'connections' ? openConnection(slipline) : openShell(slipline)),
    observe: async (session) => {
      if (isConnection(session)) return 'live';
      const shell = shellOf(session);
      if (shell === undefined) return 'gone';
      return shell.state === 'Disconnected' ? 'detached' : 'live';
    },
    expected: (effect) => {
      if (effect === 'forget') return 'live';
      return effect === 'detach' ? 'detached' : 'gone';
    },
    replace: async (slipline, session) => {
      if (isConnection(session)) {
        // Connections are known to the client only: it ends one, and somebody else connects by its number.
        await slipline.apply(await slipline.plan({ sessions: [session] }));
        await openConnection(slipline, 1);
        return;
      }
      winrm.endShell(session.id);
      winrm.openShell({ ...newShell(winrm), id: session.id });
    },
    endOnServer: async ({ id }) => void winrm.endShell(id),
    writes: () =>
      [...winrm.requestCounts]
        .filter(([kind]) => !READS.has(kind))
        .reduce((sum, [, count]) => sum + count, 0),
    requests: () => winrm.requestCount,
    sessionCount: () => winrm.openShellCount,
    fail: (how) => {
      failures = ENDINGS.map((operation) => winrm.inject(FAILURES[how], { operation }));
    },
    heal: () => {
      for (const failure of failures) {
        failure.remove();
        failure.release();
      }
      failures = [];
    },
    canaries: () => winrm.settings.users.map((user) => user.password),
    [Symbol.asyncDispose]: () => winrm.stop(),
  };
}

/** Connects each `Slipline` once: all its shells are seen through one connection. */
class Connections {
  readonly #known = new WeakMap<Slipline, Promise<unknown>>();

  async ensure(slipline: Slipline, connect: () => Promise<unknown>): Promise<void> {
    const known = this.#known.get(slipline) ?? connect();
    this.#known.set(slipline, known);
    await known;
  }
}

function newShell(winrm: FakeWinrm) {
  return {
    owner: `${winrm.settings.domain}\\jdoe`,
    resourceUri: RESOURCES.powerShell,
    name: 'WinRM1',
    clientAddress: '10.0.2.7',
  };
}

/** What somebody who does not clean up leaves behind. */
function leaveShells(winrm: FakeWinrm): void {
  winrm.openShell({ ...newShell(winrm), state: 'Disconnected' });
  winrm.openShell({ ...newShell(winrm), name: undefined, resourceUri: RESOURCES.cmd });
}

function rulesFor({ httpPort, httpsPort }: FakeWinrm) {
  return NAMES.flatMap((host) => [
    { host, port: 5985, address: '127.0.0.1', toPort: httpPort },
    { host, port: 5986, address: '127.0.0.1', toPort: httpsPort },
  ]);
}

function roleOf({ isAdministrator }: WinrmUser): string {
  return isAdministrator === true ? 'Administrators' : 'Remote Management Users';
}
