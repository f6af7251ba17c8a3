import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MemoryLedger, Secret, Slipline, systemClock } from '@slipline/core';
import { defineInterface, operation, u32, unique, unread, wideString } from '@slipline/msrpc';
import {
  KERBEROS_PASSWORD,
  Samba,
  SAMBA_PASSWORD,
  SAMBA_USER,
  setEnvironment,
  startRealm,
  type Realm,
} from '@slipline/msrpc/testing';
import { connect } from 'node:net';
import { terminalSessions } from './plugin.ts';
import { SmbHost } from './smb-host.ts';

/** MS-SRVS 3.1.4.21, a call of Samba's own: what is sealed with a ticket has to be sealed by a real server. */
const SRVSVC = defineInterface({
  name: 'srvsvc',
  uuid: '4b324fc8-1670-01d3-1278-5a47bf6ee188',
  version: [3, 0],
  operations: {
    NetrRemoteTOD: operation(28, { server: unique(wideString) }, { time: unique(unread(48)), status: u32 }),
  },
});
const USER = `${SAMBA_USER}@TEST.LOCAL`;
const HOST = 'localhost';

let realm: Realm;
let samba: Samba;

beforeAll(async () => {
  realm = await startRealm(SAMBA_USER);
  setEnvironment(realm.environment);
  samba = await Samba.start({ global: realm.samba });
}, 60_000);
afterAll(async () => {
  await samba.stop();
  await realm[Symbol.asyncDispose]();
}, 60_000);

const options = () => ({
  dial: async () => connect(samba.port, '127.0.0.1'),
  clock: systemClock,
  address: { endpoint: HOST, host: HOST, port: 445 },
  credential: { userName: USER, password: new Secret(KERBEROS_PASSWORD) },
});

it('signs in to SMB and to RPC with a ticket', async () => {
  const signal = AbortSignal.timeout(30_000);
  const host = await SmbHost.open({ ...options(), authentication: 'kerberos' }, signal);
  const answer = await host.over({ name: 'srvsvc', interfaces: [SRVSVC] }, signal, (rpc) =>
    rpc.call(SRVSVC, 'NetrRemoteTOD', { server: null }, { signal }),
  );
  expect(answer.status).toBe(0);
  await host.close();
}, 60_000);

it.each([
  ['a wrong password', { userName: USER, password: SAMBA_PASSWORD }, 'unauthenticated', /password/],
  ['a user of no realm', { userName: 'X@NOWHERE.TEST', password: 'x' }, 'unauthenticated', /realm|KDC/],
])(
  'says what is wrong with %s, and sends no other credential',
  async (_what, credential, code, words) => {
    const { userName, password } = credential;
    await using slipline = new Slipline({
      providers: [terminalSessions({ transport: 'smb', authentication: 'kerberos' })],
      ledger: new MemoryLedger(),
      network: { resolve: [{ host: HOST, address: '127.0.0.1', toPort: samba.port }] },
    });
    const selector = { computerName: [HOST], userName, password: new Secret(password) };
    const { problems } = await slipline.sessions({ provider: 'terminal-sessions', selector });
    expect(problems).toMatchObject([{ error: { code, message: expect.stringMatching(words) } }]);
  },
  60_000,
);
