import { describe, expect, it } from '@jest/globals';
import { selfSigned, type TestCertificate } from '../certificates.test.support.ts';
import { credssp, negotiate, ntlm, type SecurityContext } from '../index.ts';
import { CredsspAcceptor, type CredsspFaults } from './credssp-acceptor.ts';
import { NtlmAcceptor } from './ntlm-acceptor.ts';
import { AuthRefusal } from './refusal.ts';
import { SpnegoAcceptor } from './spnego-acceptor.ts';

const USER = { userName: 'jdoe', domain: 'CORP', password: 'Secret123' };

function identityOf({ certificate, key }: TestCertificate) {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const RSA = identityOf(selfSigned('rsa'));

function pair(password: string, isWrapped = false, faults: CredsspFaults = {}) {
  const credential = { userName: 'CORP\\jdoe', password };
  const simple = ntlm({ credential, target: 'HTTP/localhost' });
  const inner = isWrapped ? negotiate({ mechanisms: [simple] }) : simple;
  const acceptor = new CredsspAcceptor({
    identity: RSA,
    inner: () => new SpnegoAcceptor(new NtlmAcceptor({ users: [USER] })).accept(),
    faults,
  });
  return { client: credssp({ credential, inner }), server: acceptor.accept() };
}

type Pair = ReturnType<typeof pair>;

/** Carries tokens to and fro, those of the client in pieces of `size` octets; how many legs it took. */
async function signIn({ client, server }: Pair, size = Infinity): Promise<number> {
  let answer: Uint8Array | undefined;
  for (let legs = 1; ; legs += 1) {
    const token = await client.step(answer);
    if (token === undefined) throw new Error('The client has nothing to say.');
    answer = undefined;
    for (let start = 0; start < token.length; start += size) {
      const step = await server.step(token.subarray(start, start + size));
      if (step.token !== undefined) answer = Buffer.concat([answer ?? Buffer.alloc(0), step.token]);
      if (step.done) return legs;
    }
  }
}

async function echo(client: SecurityContext, server: Pair['server'], text: string): Promise<string> {
  const sent = client.wrap(Buffer.from(text));
  const clear = await server.unwrap(Buffer.concat([sent.token, sent.data]));
  const records = await server.wrap(clear);
  return Buffer.from(
    client.unwrap({ token: records.subarray(0, 16), data: records.subarray(16) }),
  ).toString();
}

describe('the server’s side of CredSSP', () => {
  it.each([
    ['bare NTLM', false, 5],
    // The client waits for the server's MIC before it proves its key.
    ['NTLM in SPNEGO', true, 6],
  ])('takes the password of who signs in with %s, and seals', async (_, isWrapped, legs) => {
    const both = pair('Secret123', isWrapped);
    expect(await signIn(both)).toBe(legs);
    expect(both.server.delegated).toEqual({ domain: 'CORP', userName: 'jdoe', password: 'Secret123' });
    expect(both.server.user).toEqual(USER);
    for (const text of ['one', 'zwei ü', 'x'.repeat(16_000)])
      expect(await echo(both.client, both.server, text)).toBe(text);
    both.server.close();
  });

  it('takes tokens in pieces', async () => {
    const both = pair('Secret123');
    await signIn(both, 11);
    expect(both.server.user).toEqual(USER);
    both.server.close();
  });

  it('refuses a wrong password, and says so in its own way', async () => {
    const both = pair('wrong');
    const refusal = await signIn(both).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'AuthRefusal', reason: 'logonFailure' });
    expect(both.server.delegated).toBeUndefined();
    const { token } = refusal as AuthRefusal;
    await expect(both.client.step(token)).rejects.toMatchObject({ code: 'refused' });
    both.server.close();
  });

  it('may be bound to another key, or be old, which clients notice before they give the password', async () => {
    for (const faults of [{ boundTo: identityOf(selfSigned('rsa')).certificate }, { version: 4 }]) {
      const both = pair('Secret123', false, faults);
      await expect(signIn(both)).rejects.toMatchObject({ name: 'AuthError' });
      expect(both.server.delegated).toBeUndefined();
      both.server.close();
    }
  });

  it('refuses what is no TLS, and records that were changed', async () => {
    const { server } = pair('Secret123');
    await expect(server.step(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).rejects.toBeInstanceOf(AuthRefusal);
    server.close();
    const both = pair('Secret123');
    await signIn(both);
    const { token, data } = both.client.wrap(Buffer.from('text'));
    data[3]! ^= 1;
    await expect(both.server.unwrap(Buffer.concat([token, data]))).rejects.toBeInstanceOf(AuthRefusal);
    both.server.close();
  });
});
