import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { kerberos, negotiate, type SecurityContext } from '@slipline/windows-auth';
import { CALL, NO_SIGNAL } from './echo.test.support.ts';
import { bindRpc } from './rpc-connection.ts';
import { connectSmb, type SmbConnection } from './smb-connection.ts';
import { SRVSVC } from './srvsvc.test.support.ts';
import {
  KERBEROS_PASSWORD,
  Samba,
  SAMBA_USER,
  setEnvironment,
  startRealm,
  type Realm,
} from './testing/index.ts';

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

const credential = { userName: `${SAMBA_USER}@TEST.LOCAL`, password: KERBEROS_PASSWORD };

function ticket(): SecurityContext {
  return negotiate({ mechanisms: [kerberos({ target: 'cifs/localhost', credential })] });
}

function connect(): Promise<SmbConnection> {
  return samba
    .dial()
    .then((socket) => connectSmb({ socket, signal: NO_SIGNAL, host: 'localhost', security: ticket }));
}

it('signs in to SMB with a ticket, which keys the encryption', async () => {
  await using connection = await connect();
  expect(connection.cipher).toBe('aes-128-gcm');
  expect((await connection.openPipe('srvsvc', CALL)).name).toBe('srvsvc');
});

it('signs in to RPC with a ticket, and seals with it', async () => {
  await using connection = await connect();
  const pipe = await connection.openPipe('srvsvc', CALL);
  const security = () => kerberos({ target: 'cifs/localhost', credential, isDceStyle: true });
  await using rpc = await bindRpc(pipe, { interfaces: [SRVSVC], security, ...CALL });
  const shares = { kind: 1, value: { count: 0, buffer: null } } as const;
  const request = { server: null, level: 1, shares, most: 0xffff_ffff, resume: null };
  expect(await rpc.call(SRVSVC, 'NetrShareEnum', request, CALL)).toMatchObject({ total: 2, status: 0 });
});

it('has no RPC that is signed only', async () => {
  await using connection = await connect();
  const pipe = await connection.openPipe('srvsvc', CALL);
  const security = () => kerberos({ target: 'cifs/localhost', credential, isDceStyle: true });
  const attempt = bindRpc(pipe, { interfaces: [SRVSVC], security, level: 'integrity', ...CALL });
  await expect(attempt).rejects.toMatchObject({ code: 'invalid-arguments' });
});
