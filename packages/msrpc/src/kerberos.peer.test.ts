import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { kerberos, negotiate, type SecurityContext } from '@slipline/windows-auth';
import { CALL, NO_SIGNAL } from './echo.test.support.ts';
import { KERBEROS_PASSWORD, setEnvironment, startRealm, type Realm } from './kerberos.peer.test.support.ts';
import { connectSmb } from './smb-connection.ts';
import { Samba, SAMBA_USER } from './testing/index.ts';

let realm: Realm;
let samba: Samba;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeAll(async () => {
  realm = await startRealm(SAMBA_USER, await freePort());
  setEnvironment(realm.environment);
  samba = await Samba.start({
    global: {
      realm: 'TEST.LOCAL',
      'kerberos method': 'dedicated keytab',
      'dedicated keytab file': `FILE:${realm.keytab}`,
      'log level': '5',
    },
  });
}, 60_000);

afterAll(async () => {
  await samba.stop();
  await realm[Symbol.asyncDispose]();
}, 60_000);

function ticket(): SecurityContext {
  const credential = { userName: `${SAMBA_USER}@TEST.LOCAL`, password: KERBEROS_PASSWORD };
  return negotiate({ mechanisms: [kerberos({ target: 'cifs/localhost', credential })] });
}

it('signs in with a ticket', async () => {
  const connection = await connectSmb({
    socket: await samba.dial(),
    signal: NO_SIGNAL,
    host: 'localhost',
    security: ticket,
  });
  const pipe = await connection.openPipe('srvsvc', CALL);
  expect(pipe.name).toBe('srvsvc');
  await connection.close();
});
