import { expect, it, describe } from '@jest/globals';
import {
  AuthError,
  negotiate,
  ntlm,
  type Mechanism,
  type NegotiateContext,
  type SecurityContext,
} from './index.ts';
import { NtlmAcceptor, SpnegoAcceptor, type Acceptance, type SpnegoFaults } from './testing/index.ts';

const credential = { userName: 'CORP\\jdoe', password: 'Secret123' };
const users = [{ userName: 'jdoe', domain: 'CORP', password: 'Secret123' }];

/** Steps both sides until neither has anything to say. */
async function signIn(client: SecurityContext, server: Acceptance): Promise<void> {
  let token = await client.step();
  for (let leg = 0; leg < 5 && token !== undefined; leg += 1) {
    const answer = server.step(token);
    token = answer.token === undefined ? undefined : await client.step(answer.token);
  }
}

function sides(
  faults?: SpnegoFaults,
  password = 'Secret123',
): { client: NegotiateContext; server: Acceptance } {
  const client = negotiate({
    mechanisms: [ntlm({ credential: { ...credential, password }, target: 'HTTP/server' })],
  });
  return { client, server: new SpnegoAcceptor(new NtlmAcceptor({ users }), faults).accept() };
}

describe('negotiate', () => {
  it('signs in with NTLM, and seals both ways', async () => {
    const { client, server } = sides();
    await signIn(client, server);
    expect(client.isComplete).toBe(true);
    expect(client.agreed).toBe('ntlm');
    expect(server.user).toMatchObject({ userName: 'jdoe', domain: 'CORP' });
    expect(Buffer.from(client.sessionKey)).toEqual(Buffer.from(server.sessionKey));
    for (const text of ['one', 'two']) {
      expect(Buffer.from(server.unwrap(client.wrap(Buffer.from(text)))).toString()).toBe(text);
      expect(Buffer.from(client.unwrap(server.wrap(Buffer.from(text)))).toString()).toBe(text);
    }
  });

  it('refuses a server that does not sign the list of mechanisms', async () => {
    const { client, server } = sides({ mechListMic: 'omit' });
    await expect(signIn(client, server)).rejects.toMatchObject({ code: 'downgrade' });
    await expect(client.step()).rejects.toMatchObject({ code: 'used-up' });
  });

  it('refuses a list that was tampered with', async () => {
    const { client, server } = sides({ mechListMic: 'tamper' });
    await expect(signIn(client, server)).rejects.toMatchObject({ code: 'tampered' });
  });

  it('fails with a wrong password, as the server says', async () => {
    const { client, server } = sides({}, 'Wrong123');
    await expect(signIn(client, server)).rejects.toThrow('password');
    expect(client.isComplete).toBe(false);
  });

  it('begins NTLM anew where the server does not speak what was preferred, and has the list signed', async () => {
    const preferred = stranger(async () => Buffer.from('a token that nobody reads'));
    const { server } = sides();
    const client = negotiate({ mechanisms: [preferred, ntlm({ credential })] });
    await signIn(client, server);
    expect(client.agreed).toBe('ntlm');
    expect(Buffer.from(server.unwrap(client.wrap(Buffer.from('one')))).toString()).toBe('one');
  });

  it('refuses bare NTLM from a server that was offered more', async () => {
    const client = negotiate({
      mechanisms: [stranger(async () => Buffer.from('token')), ntlm({ credential })],
    });
    await client.step();
    await expect(client.step(Buffer.from('NTLMSSP\0\x02\0\0\0'))).rejects.toMatchObject({
      code: 'downgrade',
    });
  });

  it.each(['no-credential', 'no-library'] as const)('offers the next mechanism after %s', async (code) => {
    const missing = stranger(async () => {
      throw new AuthError(code, 'Not here.');
    });
    const { server } = sides();
    const client = negotiate({ mechanisms: [missing, ntlm({ credential })] });
    await signIn(client, server);
    expect(client.agreed).toBe('ntlm');
    const alone = negotiate({ mechanisms: [missing] });
    await expect(alone.step()).rejects.toMatchObject({ code });
  });

  it('offers nothing more after another error, which may have cost an attempt', async () => {
    const wrong = stranger(async () => {
      throw new AuthError('refused', 'The password is wrong.');
    });
    const client = negotiate({ mechanisms: [wrong, ntlm({ credential })] });
    await expect(client.step()).rejects.toMatchObject({ code: 'refused' });
  });

  it('disposes its mechanisms', async () => {
    const inner = ntlm({ credential });
    negotiate({ mechanisms: [inner] })[Symbol.dispose]();
    await expect(inner.step()).rejects.toMatchObject({ code: 'used-up' });
  });
});

/** A mechanism of which there is nothing but its first step. */
function stranger(step: () => Promise<Uint8Array>): Mechanism {
  const inner = ntlm({ credential });
  return Object.create(inner, {
    mechanism: { value: 'kerberos' },
    oids: { value: ['1.2.840.113554.1.2.2'] },
    isComplete: { value: false },
    step: { value: step },
    [Symbol.dispose]: { value: () => inner[Symbol.dispose]() },
  }) as Mechanism;
}
