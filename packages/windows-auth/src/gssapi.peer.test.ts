import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startAcceptor, type Acceptor } from './acceptor.peer.test.support.ts';
import { setEnvironment } from './environment.peer.test.support.ts';
import {
  kerberos,
  negotiate,
  ntlm,
  type KerberosSettings,
  type NtlmSettings,
  type SecurityContext,
} from './index.ts';
import { PASSWORD, startRealm, type Realm } from './realm.peer.test.support.ts';

const credential = { userName: 'CORP\\ntlmuser', password: PASSWORD };
const wrong = { userName: 'CORP\\ntlmuser', password: 'Wrong123' };
const withNtlm = (change: Partial<NtlmSettings> = {}) =>
  ntlm({ credential, target: 'HTTP/localhost', ...change });
const withKerberos = (change: Partial<KerberosSettings> = {}) =>
  kerberos({ target: 'HTTP/localhost', ...change });
const binding = Buffer.from('tls-server-end-point:0123456789abcdef0123456789abcdef');
const channelBinding = Buffer.from('tls-server-end-point:another channel');

let realm: Realm;
let acceptor: Acceptor;

beforeAll(async () => {
  realm = await startRealm();
  setEnvironment(realm.environment);
  acceptor = startAcceptor(realm.environment);
}, 60_000);

afterAll(async () => {
  await acceptor[Symbol.asyncDispose]();
  await realm[Symbol.asyncDispose]();
});

async function sealsBothWays(client: SecurityContext): Promise<void> {
  for (const text of ['one', 'zwei ü', 'x'.repeat(100_000)]) {
    const clear = Buffer.from(text);
    expect((await acceptor.unwrap(client.wrap(clear))).equals(clear)).toBe(true);
    expect(Buffer.from(client.unwrap(await acceptor.wrap(clear))).equals(clear)).toBe(true);
    await acceptor.verify(clear, client.sign(clear));
    client.verify(clear, await acceptor.sign(clear));
  }
}

/** Where Debian keeps it for this kind of computer. */
async function fakeTime(): Promise<string> {
  const { stdout } = await promisify(execFile)('dpkg', ['-L', 'libfaketime']);
  return stdout.split('\n').find((path) => path.endsWith('/libfaketime.so.1'))!;
}

describe('NTLM, accepted by gss-ntlmssp', () => {
  it.each([
    ['bare', () => withNtlm()],
    ['in SPNEGO', () => negotiate({ mechanisms: [withNtlm()] })],
  ])('%s: signs in, seals and signs', async (_name, make) => {
    using client = make();
    expect(await acceptor.signIn(client)).toContain('ntlmuser');
    expect(client.isComplete).toBe(true);
    await sealsBothWays(client);
  });

  it.each([
    ['bare', () => withNtlm({ credential: wrong }), 'GSSError'],
    [
      'in SPNEGO',
      () => negotiate({ mechanisms: [withNtlm({ credential: wrong })] }),
      'The server refused the sign-in.',
    ],
  ])('%s: fails with a wrong password', async (_name, make, message) => {
    using client = make();
    await expect(acceptor.signIn(client)).rejects.toThrow(message);
  });

  it('is bound to the channel', async () => {
    using client = withNtlm({ channelBinding: binding });
    expect(await acceptor.signIn(client, binding)).toContain('ntlmuser');
    using elsewhere = withNtlm({ channelBinding });
    await expect(acceptor.signIn(elsewhere, binding)).rejects.toThrow('Permission denied');
  });

  it('fails when the MIC is changed on the way', async () => {
    using client = withNtlm();
    const flipped: SecurityContext = Object.create(client, {
      step: {
        value: async (token?: Uint8Array) => {
          const answer = await client.step(token);
          if (answer !== undefined && client.isComplete) answer[72]! ^= 1;
          return answer;
        },
      },
    }) as SecurityContext;
    await expect(acceptor.signIn(flipped)).rejects.toThrow('Error');
  });

  it('throws on an answer that was changed on the way', async () => {
    using client = withNtlm();
    await acceptor.signIn(client);
    const answer = await acceptor.wrap(Buffer.from('answer'));
    answer.data[0]! ^= 1;
    expect(() => client.unwrap(answer)).toThrow(expect.objectContaining({ code: 'tampered' }));
  });
});

describe('Kerberos, with MIT krb5', () => {
  it.each([
    ['the ticket of kinit', undefined],
    ['a password', { userName: 'user@TEST.LOCAL', password: PASSWORD }],
    ['a password and a domain', { userName: 'user', domain: 'test.local', password: () => PASSWORD }],
  ])('signs in with %s, seals and signs', async (_name, given) => {
    using client = withKerberos({ credential: given });
    expect(await acceptor.signIn(client)).toBe('user@TEST.LOCAL');
    expect(Buffer.from(client.sessionKey)).toEqual(await acceptor.sessionKey());
    await sealsBothWays(client);
  });

  it('splits a sealed message as HTTP wants it: 60 octets, then as many as the clear ones', async () => {
    using client = withKerberos();
    await acceptor.signIn(client);
    const sealed = client.wrap(Buffer.from('x'.repeat(1000)));
    expect([sealed.token.length, sealed.data.length]).toEqual([60, 1000]);
    expect(Buffer.from(sealed.token).readUInt16BE(6)).toBe(28);
  });

  it('signs the surroundings of a fragment in DCE style', async () => {
    using client = withKerberos({ isDceStyle: true });
    expect(await acceptor.signIn(client)).toBe('user@TEST.LOCAL');
    const around = { before: Buffer.from('header'), after: Buffer.from('trailer') };
    expect(
      (await acceptor.unwrap(client.wrap(Buffer.from('sixteen octets!!'), around), around)).toString(),
    ).toBe('sixteen octets!!');
    const answer = await acceptor.wrap(Buffer.from('answer'), around);
    expect(Buffer.from(client.unwrap(answer, around)).toString()).toBe('answer');
    const other = await acceptor.wrap(Buffer.from('answer'), around);
    expect(() => client.unwrap(other, { ...around, before: Buffer.from('HEADER') })).toThrow(
      expect.objectContaining({ code: 'tampered' }),
    );
  });

  it('is bound to the channel', async () => {
    using client = withKerberos({ channelBinding: binding });
    expect(await acceptor.signIn(client, binding)).toBe('user@TEST.LOCAL');
    using elsewhere = withKerberos({ channelBinding });
    await expect(acceptor.signIn(elsewhere, binding)).rejects.toMatchObject({ code: 'refused' });
  });

  it.each([
    ['a wrong password', 'user@TEST.LOCAL', 'Wrong123', 'refused', 'The password is wrong.'],
    ['an unknown user', 'nobody@TEST.LOCAL', PASSWORD, 'refused', 'The domain does not know this user.'],
    ['a locked account', 'locked@TEST.LOCAL', PASSWORD, 'refused', 'The account is locked or disabled.'],
    ['an expired password', 'outworn@TEST.LOCAL', PASSWORD, 'refused', 'The password has expired.'],
    ['an expired account', 'gone@TEST.LOCAL', PASSWORD, 'refused', 'The account has expired.'],
    ['an unknown realm', 'user@NOWHERE.LOCAL', PASSWORD, 'no-credential', 'realm'],
  ])('fails with %s, and says so', async (_name, userName, password, code, message) => {
    const given = { userName, password };
    using client = withKerberos({ credential: given });
    const error: unknown = await client.step().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      name: 'AuthError',
      code,
      message: expect.stringContaining(message),
      next: expect.any(String),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain(given.password);
  });

  it('fails with a server that the realm does not know', async () => {
    using client = withKerberos({ target: 'HTTP/elsewhere' });
    await expect(client.step()).rejects.toMatchObject({ code: 'no-credential' });
  });

  it('says that the clocks are too far apart', async () => {
    await using ahead = startAcceptor({
      ...realm.environment,
      LD_PRELOAD: await fakeTime(),
      FAKETIME: '+1h',
    });
    using client = withKerberos();
    await expect(ahead.signIn(client)).rejects.toMatchObject({
      code: 'clock-skew',
      next: expect.stringContaining('clocks'),
    });
  });

  it('throws on what was changed, or came twice, on the way', async () => {
    using client = withKerberos();
    await acceptor.signIn(client);
    const answer = await acceptor.wrap(Buffer.from('answer'));
    expect(Buffer.from(client.unwrap(answer)).toString()).toBe('answer');
    expect(() => client.unwrap(answer)).toThrow(expect.objectContaining({ code: 'out-of-sequence' }));
    using other = withKerberos();
    await acceptor.signIn(other);
    const changed = await acceptor.wrap(Buffer.from('answer'));
    changed.data[0]! ^= 1;
    expect(() => other.unwrap(changed)).toThrow(expect.objectContaining({ code: 'tampered' }));
  });

  it('refuses a server token that is none', async () => {
    using client = withKerberos();
    await client.step();
    await expect(client.step(Buffer.from('hello'))).rejects.toMatchObject({ code: 'bad-token' });
  });

  it('may be disposed while it waits for the domain', async () => {
    const client = withKerberos({ credential: { userName: 'user@TEST.LOCAL', password: PASSWORD } });
    const step = client.step();
    client[Symbol.dispose]();
    await expect(step).rejects.toMatchObject({ code: 'used-up' });
  });
});

describe('SPNEGO, accepted by MIT krb5', () => {
  it('agrees on Kerberos where there is a ticket', async () => {
    using client = negotiate({ mechanisms: [withKerberos(), withNtlm()] });
    expect(await acceptor.signIn(client)).toBe('user@TEST.LOCAL');
    expect(client.agreed).toBe('kerberos');
    await sealsBothWays(client);
  });

  it('goes on with NTLM where Kerberos does not know the server', async () => {
    using client = negotiate({ mechanisms: [withKerberos({ target: 'HTTP/elsewhere' }), withNtlm()] });
    expect(await acceptor.signIn(client)).toContain('ntlmuser');
    expect(client.agreed).toBe('ntlm');
    await sealsBothWays(client);
  });

  it('does not try NTLM where Kerberos refuses the password', async () => {
    const given = { userName: 'user@TEST.LOCAL', password: 'Wrong123' };
    using client = negotiate({ mechanisms: [withKerberos({ credential: given }), withNtlm()] });
    await expect(acceptor.signIn(client)).rejects.toMatchObject({ code: 'refused' });
  });
});
