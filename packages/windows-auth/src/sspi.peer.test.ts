import { beforeAll, describe, expect, it } from '@jest/globals';
import { setEnvironment } from './environment.peer.test.support.ts';
import { openSspi } from './sspi-session.ts';
import { sspiLibrary, type SspiLibrary } from './sspi-library.ts';
import type { SystemSession } from './system-context.ts';
import { NtlmAcceptor, type NtlmAcceptance } from './testing/index.ts';

/**
 * The nearest thing to Windows' SSPI there is elsewhere: FreeRDP's WinPR has the same functions and structures. It knows NTLM, takes sequence
 * numbers from the caller (so that only the first message each way is right), does not tell what it granted, and crashes with threads that
 * end after it; hence the two wrappers.
 */
async function winpr(): Promise<SspiLibrary> {
  const library = await sspiLibrary('libwinpr2.so.2');
  const { AcquireCredentialsHandleW: acquire, InitializeSecurityContextW: initialize, koffi } = library;
  const GRANTED = 0x10;
  return {
    ...library,
    AcquireCredentialsHandleW: inPlace(acquire),
    InitializeSecurityContextW: inPlace((...parameters: Parameters<typeof initialize>) => {
      const status = initialize(...parameters);
      koffi.encode(parameters[10], 'uint32_t', GRANTED | 0x10000);
      return status;
    }),
  } as SspiLibrary;
}

const inPlace = <P extends unknown[]>(call: (...parameters: P) => number) =>
  Object.assign(call, {
    async: (...parameters: [...P, (error: null, status: number) => void]) => {
      const done = parameters.pop() as (error: null, status: number) => void;
      done(null, call(...(parameters as unknown as P)));
    },
  });

let library: SspiLibrary;

beforeAll(async () => {
  // It tells the terminal what these tests provoke.
  setEnvironment({ WLOG_LEVEL: 'OFF' });
  library = await winpr();
});

async function signIn(password: string): Promise<{ client: SystemSession; server: NtlmAcceptance }> {
  const settings = { target: 'HTTP/localhost', credential: { userName: 'CORP\\jdoe', password } };
  const client = await openSspi('NTLM', settings, Promise.resolve(library));
  const server = new NtlmAcceptor({
    users: [{ userName: 'jdoe', domain: 'CORP', password: 'Secret123' }],
  }).accept();
  const negotiate = await client.step(undefined);
  const challenge = server.step(negotiate.token!);
  const authenticate = await client.step(challenge.token);
  expect(authenticate.isComplete).toBe(true);
  server.step(authenticate.token!);
  return { client, server };
}

describe('SSPI, as WinPR has it', () => {
  it('signs in as the given person, and seals both ways', async () => {
    const { client, server } = await signIn('Secret123');
    expect(server.user).toMatchObject({ userName: 'jdoe', domain: 'CORP' });
    const sealed = client.wrap(Buffer.from('question'), {});
    expect([sealed.token.length, sealed.data.length]).toEqual([16, 8]);
    expect(Buffer.from(server.unwrap(sealed)).toString()).toBe('question');
    expect(Buffer.from(client.unwrap(server.wrap(Buffer.from('answer')), {})).toString()).toBe('answer');
    client.close();
  });

  it('does not sign in with a wrong password', async () => {
    await expect(signIn('Wrong123')).rejects.toThrow('password');
  });

  it('throws on an answer that was changed on the way', async () => {
    const { client, server } = await signIn('Secret123');
    const answer = server.wrap(Buffer.from('answer'));
    answer.data[0]! ^= 1;
    expect(() => client.unwrap(answer, {})).toThrow(expect.objectContaining({ code: 'tampered' }));
    client.close();
  });

  it('refuses a challenge that is none, and says so', async () => {
    const settings = { target: 'HTTP/localhost', credential: { userName: 'CORP\\jdoe', password: 'x' } };
    const client = await openSspi('NTLM', settings, Promise.resolve(library));
    await client.step(undefined);
    await expect(client.step(Buffer.from('hello'))).rejects.toMatchObject({ code: 'bad-token' });
    client.close();
  });
});
