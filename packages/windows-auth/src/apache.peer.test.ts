import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApache, type Apache } from './apache.peer.test.support.ts';
import { setEnvironment } from './environment.peer.test.support.ts';
import { kerberos, negotiate, ntlm } from './index.ts';
import { PASSWORD, startRealm, type Realm } from './realm.peer.test.support.ts';

const withNtlm = (password = PASSWORD) =>
  ntlm({ credential: { userName: 'CORP\\ntlmuser', password }, target: 'HTTP/localhost' });
const withKerberos = () => kerberos({ target: 'HTTP/localhost' });

let realm: Realm;
let apache: Apache;

beforeAll(async () => {
  realm = await startRealm();
  setEnvironment(realm.environment);
  apache = await startApache(realm);
}, 60_000);

afterAll(async () => {
  await apache[Symbol.asyncDispose]();
  await realm[Symbol.asyncDispose]();
});

describe('Apache with mod_auth_gssapi', () => {
  it.each([
    ['NTLM', () => withNtlm(), 'ntlmuser'],
    ['Negotiate', () => withNtlm(), 'ntlmuser'],
    ['Negotiate', () => negotiate({ mechanisms: [withNtlm()] }), 'ntlmuser'],
    ['Negotiate', () => negotiate({ mechanisms: [withKerberos(), withNtlm()] }), 'user@TEST.LOCAL'],
    ['Negotiate', () => withKerberos(), 'user@TEST.LOCAL'],
  ])('lets in under %s (%#)', async (scheme, make, user) => {
    using client = make();
    const answer = await apache.signIn(scheme, client);
    expect(answer.status).toBe(200);
    expect(answer.user).toContain(user);
    expect(client.isComplete).toBe(true);
  });

  it.each([
    ['NTLM', () => withNtlm('Wrong123')],
    ['Negotiate', () => withNtlm('Wrong123')],
  ])('does not let in under %s with a wrong password (%#)', async (scheme, make) => {
    using client = make();
    expect(await apache.signIn(scheme, client)).toMatchObject({ status: 401 });
  });

  it('says in SPNEGO that a wrong password is refused', async () => {
    using client = negotiate({ mechanisms: [withNtlm('Wrong123')] });
    await expect(apache.signIn('Negotiate', client)).rejects.toMatchObject({ code: 'refused' });
  });
});
