import { describe, expect, it } from '@jest/globals';
import { Calls, givenCredential, type CredentialRequest, type GivenCredential } from './calls.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { opened } from './pier.test.support.ts';
import type { Credential } from './provider.ts';
import { Secret } from './secret.ts';

const noSignal = new AbortController().signal;
const credential = (userName: string, password: string): Credential => ({
  userName,
  password: new Secret(password),
});
const shown = (found: Credential | undefined): string | undefined =>
  found && `${found.userName} ${found.password.reveal()}`;

function setUp(answer?: (wanted: CredentialRequest) => Promise<Credential | undefined>) {
  const ledger = new MemoryLedger();
  const asked: CredentialRequest[] = [];
  const calls = new Calls(
    async () => ledger,
    answer === undefined
      ? {}
      : {
          credential: (wanted) => {
            asked.push(wanted);
            return answer(wanted);
          },
        },
  );
  const wanted = async (endpoint: string, given?: GivenCredential, provider = 'pier') =>
    shown(await calls.context(provider, noSignal, given).credential(endpoint));
  return { ledger, asked, calls, wanted };
}

describe('a credential', () => {
  it('is what was given, then what is saved, then what a person says', async () => {
    const { ledger, asked, wanted } = setUp(async () => credential('asked', '3'));
    expect(await wanted('a.test')).toBe('asked 3');
    await ledger.credentials.save('pier', 'a.test', credential('saved', '2'));
    expect(await wanted('A.test')).toBe('saved 2');
    expect(await wanted('a.test', credential('given', '1'))).toBe('given 1');
    expect(asked).toEqual([{ provider: 'pier', endpoint: 'a.test', userName: undefined }]);
  });

  it('is what an own session keeps before it is what is saved, and after what was given', async () => {
    const { ledger, asked, calls } = setUp(async () => credential('asked', '4'));
    await ledger.credentials.save('pier', 'a.test', credential('saved', '3'));
    const kept = async (userName: string | undefined) =>
      userName === 'saved' ? undefined : credential('kept', '2');
    const wanted = async (given: GivenCredential, mayPrompt?: boolean, endpoint = 'a.test') =>
      shown(await calls.context('pier', noSignal, given).credential(endpoint, { kept, mayPrompt }));
    expect(await wanted({})).toBe('kept 2');
    expect(await wanted(credential('given', '1'))).toBe('given 1');
    expect(await wanted({ password: new Secret('new') })).toBe('kept new');
    expect(await wanted({ userName: 'saved' })).toBe('saved 3');
    expect(await wanted({ userName: 'saved' }, false, 'b.test')).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await wanted({ userName: 'saved' }, true, 'b.test')).toBe('asked 4');
  });

  it('is what the caller has for just this endpoint, before what is saved', async () => {
    const { ledger, wanted } = setUp(async () => credential('asked', '4'));
    await ledger.credentials.save('pier', 'a.test', credential('saved', '3'));
    await ledger.credentials.save('pier', 'b.test', credential('saved', '3'));
    const credentials: GivenCredential['credentials'] = (provider, endpoint) =>
      provider === 'pier' && endpoint === 'a.test' ? credential('lent', '2') : undefined;
    expect(await wanted('a.test', { credentials })).toBe('lent 2');
    expect(await wanted('b.test', { credentials })).toBe('saved 3');
    expect(await wanted('a.test', { credentials }, 'other')).toBe('asked 4');
    expect(await wanted('a.test', { credentials, ...credential('given', '1') })).toBe('given 1');
    expect(await wanted('a.test', { credentials, userName: 'saved' })).toBe('saved 3');
    expect(await wanted('a.test', { credentials, userName: 'lent' })).toBe('lent 2');
    expect(await wanted('a.test', { credentials, password: new Secret('new') })).toBe('lent new');
  });

  it('goes to no other endpoint and no other provider than it was saved for', async () => {
    const { ledger, wanted } = setUp();
    await ledger.credentials.save('pier', 'a.test', credential('saved', '2'));
    expect(await wanted('b.test')).toBeUndefined();
    expect(await wanted('a.test.evil')).toBeUndefined();
    expect(await wanted('a.test', undefined, 'other')).toBeUndefined();
  });

  it('is completed where half of it was given', async () => {
    const { ledger, asked, wanted } = setUp(async ({ userName }) => credential(userName ?? 'nobody', '3'));
    expect(await wanted('a.test', { userName: 'jdoe' })).toBe('jdoe 3');
    expect(asked).toMatchObject([{ userName: 'jdoe' }]);
    await ledger.credentials.save('pier', 'a.test', credential('asmith', '2'));
    expect(await wanted('a.test', { password: new Secret('new') })).toBe('asmith new');
    await ledger.credentials.save('pier', 'a.test', credential('jdoe', '4'));
    await ledger.credentials.save('pier', 'a.test', credential('asmith', '2'));
    expect(await wanted('a.test', { userName: 'jdoe' })).toBe('jdoe 4');
  });

  it('is asked for once, by however many calls', async () => {
    const { asked, wanted } = setUp(async () => credential('asked', '3'));
    expect(
      await Promise.all(['a.test', 'A.test', 'b.test', 'a.test'].map((endpoint) => wanted(endpoint))),
    ).toEqual(Array(4).fill('asked 3'));
    expect(asked.map(({ endpoint }) => endpoint)).toEqual(['a.test', 'b.test']);
  });

  it('is none where nobody can be asked, or says nothing', async () => {
    expect(await setUp().wanted('a.test')).toBeUndefined();
    expect(await setUp(async () => undefined).wanted('a.test')).toBeUndefined();
  });
});

describe('a secret', () => {
  it('is read by its own provider only', async () => {
    const { ledger, calls } = setUp();
    const { key } = await ledger.open({ provider: 'pier', endpoint: 'one' });
    const { session } = await ledger.opened(key, opened('token'));
    const secret = await calls.context('pier', noSignal).secret(session);
    expect(secret.reveal()).toBe('token');
    await expect(calls.context('other', noSignal).secret(session)).rejects.toMatchObject({
      code: 'forbidden',
    });
    const { endpoint, id } = session;
    await expect(
      calls.context('other', noSignal).secret({ provider: 'other', endpoint, id }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('own sessions', () => {
  it('are those of the provider that are not over', async () => {
    const { ledger, calls } = setUp();
    for (const provider of ['pier', 'pier', 'other']) {
      const { key } = await ledger.open({ provider, endpoint: 'one' });
      await ledger.opened(key, opened('token'));
    }
    const own = async () => (await calls.context('pier', noSignal).own()).map(({ id }) => id);
    expect(await own()).toEqual(['1', '2']);
    const [first] = await ledger.entries({ provider: 'pier' });
    await ledger.abandon(first?.key ?? '', 'ended', { code: 'internal', message: 'x' });
    expect(await own()).toEqual(['2']);
  });
});

describe('givenCredential', () => {
  it('finds the halves by what the table says of them', () => {
    const table = {
      user: { type: 'string', summary: '', credential: 'userName' },
      token: { type: 'secret', summary: '' },
      first: { type: 'secret', summary: '', credential: 'password' },
      second: { type: 'secret', summary: '', credential: 'password' },
    } as const;
    const password = new Secret('x');
    expect(givenCredential(table, { user: 'jdoe', token: new Secret('y'), second: password })).toEqual({
      userName: 'jdoe',
      password,
    });
    expect(givenCredential(table, { user: 7, first: 'not a Secret' })).toEqual({});
    expect(givenCredential({}, { user: 'jdoe' })).toEqual({});
  });
});
