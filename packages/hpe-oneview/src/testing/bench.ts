import { Secret, type Session, type Slipline } from '@slipline/core';
import type { ActiveFault } from '@slipline/fake-http';
import { createAuthority, type Bench, type BenchOptions, type BenchSession } from '@slipline/testkit';
import { hpeOneView } from '../plugin.ts';
import { FakeAppliance, type FakeApplianceOptions } from './fake-appliance.ts';
import { faults, type Fault } from './faults.ts';

/** The bench of a fake appliance, which can be asked and upset directly too. */
export interface OneViewBench extends Bench {
  readonly appliance: FakeAppliance;
  connectValues(): { readonly appliance: string; readonly userName: string; readonly password: Secret };
  adopt(slipline: Slipline): Promise<BenchSession>;
  endOnServer(session: Session): Promise<void>;
}

export interface OneViewBenchOptions extends BenchOptions {
  /** Settings of the fake appliance. Those of users win over `password`. */
  readonly appliance?: Partial<FakeApplianceOptions> | undefined;
}

/** The name of the appliance in the examples of HPE's help, and a second one for the same fake. */
const NAME = 'MyAppliance.domain.com';
const NAMES = [NAME, 'MyAppliance2.domain.com'];
const LOGIN_SESSIONS = '/rest/login-sessions';

const FAILURES: Readonly<Record<Parameters<Bench['fail']>[0], Fault>> = {
  error: faults.serverError(),
  hang: faults.hang(),
  lie: faults.lyingLogout(),
};

/** Starts a fake appliance on loopback with an administrator, somebody who may only read, and a directory user. */
export async function openBench(options: OneViewBenchOptions = {}): Promise<OneViewBench> {
  const { password = () => 'fake-password', appliance: settings } = options;
  const authority = options.authority ?? (await createAuthority());
  const names = ['127.0.0.1', 'localhost', ...NAMES];
  const appliance = await FakeAppliance.start({
    certificate: await authority.issue({ commonName: NAME, names }),
    loginDomains: [{ name: 'corp.example', authProtocol: 'AD' }],
    users: [
      { userName: 'Administrator', password: password() },
      { userName: 'auditor', password: password(), roles: ['Read only'] },
      {
        userName: 'jdoe',
        password: password(),
        loginDomain: 'corp.example',
        roles: ['Server administrator'],
      },
    ],
    ...settings,
  });
  const plugin = hpeOneView();
  const { users } = appliance.settings;
  /** The token of each session made here, by the session's fingerprint. */
  const tokens = new Map<string, string>();
  let failure: ActiveFault | undefined;

  async function open(slipline: Slipline, values: Readonly<Record<string, unknown>>): Promise<BenchSession> {
    const { session } = await slipline.connect(plugin.id, values);
    const secret = await (await slipline.ledger()).secret(session);
    tokens.set(session.fingerprint, secret.reveal());
    return { session, selector: { appliance: [session.id] } };
  }

  const tokenOf = ({ fingerprint }: Session): string => tokens.get(fingerprint) ?? '';
  const connectValues: OneViewBench['connectValues'] = () => {
    const [user] = users;
    if (user === undefined) throw new Error('The appliance has no users.');
    return {
      appliance: appliance.endpoint,
      userName: user.userName,
      password: new Secret(user.password),
    };
  };

  return {
    appliance,
    plugin,
    facts: {
      endpoint: appliance.endpoint,
      users: users.map((user) => ({
        userName: user.loginDomain === undefined ? user.userName : `${user.loginDomain}\\${user.userName}`,
        password: user.password,
        role: user.roles?.join(', ') ?? 'Infrastructure administrator',
      })),
      authority: authority.certificate,
      environment: {
        SLIPLINE_RESOLVE: NAMES.map((name) => `${name}:127.0.0.1:${appliance.port}`).join(','),
      },
    },
    network: {
      authorities: [authority.certificate],
      resolve: NAMES.map((host) => ({ host, address: '127.0.0.1', toPort: appliance.port })),
    },
    connectValues,
    open: (slipline) => open(slipline, connectValues()),
    adopt: (slipline) => {
      const { userName, loginDomain } = users[0] ?? { userName: '' };
      const { token } = appliance.openSession({
        userName,
        ...(loginDomain !== undefined && { loginDomain }),
      });
      return open(slipline, { appliance: appliance.endpoint, sessionId: new Secret(token) });
    },
    observe: async (session) => {
      const known = appliance.sessions().find(({ token }) => token === tokenOf(session));
      return known !== undefined && known.endedAt === undefined ? 'live' : 'gone';
    },
    expected: (effect) => (effect === 'end' || effect === 'revoke' ? 'gone' : 'live'),
    replace: async (slipline, session) => {
      appliance.endSession(tokenOf(session));
      // Now that the ledger knows it too, its number is free.
      await slipline.apply(await slipline.plan({ sessions: [session] }));
      await open(slipline, connectValues());
    },
    endOnServer: async (session) => void appliance.endSession(tokenOf(session)),
    writes: () =>
      [...appliance.requestCounts]
        .filter(([request]) => !request.startsWith('GET '))
        .reduce((sum, [, count]) => sum + count, 0),
    requests: () => appliance.requestCount,
    sessionCount: () => appliance.openSessionCount,
    fail: (how) => {
      failure = appliance.inject(FAILURES[how], { method: 'DELETE', path: LOGIN_SESSIONS });
    },
    heal: () => {
      failure?.remove();
      failure?.release();
      failure = undefined;
    },
    canaries: () => [
      ...users.map((user) => user.password),
      ...appliance.sessions().map((session) => session.token),
    ],
    [Symbol.asyncDispose]: () => appliance.stop(),
  };
}
