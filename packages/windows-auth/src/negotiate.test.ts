import { expect, it, describe } from '@jest/globals';
import { negotiate, ntlm, type NegotiateContext, type SecurityContext } from './index.ts';
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
});
