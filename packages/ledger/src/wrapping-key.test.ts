import { afterAll, describe, expect, it } from '@jest/globals';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, type Ledger } from '@slipline/core';
import { modeOf } from './disk.test.support.ts';
import { memoryKeyring, silentKeyring } from './fake-keyring.test.support.ts';
import type { Keyring } from './keyring.ts';
import { openLedgerIn, type LedgerOptions } from './open-ledger.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

const KEY = Buffer.from(Array.from({ length: 32 }, (_, place) => place + 100));

interface Place extends LedgerOptions {
  readonly home: string;
  readonly notices: string[];
  readonly keyring: Keyring | undefined;
}

function newPlace(environment: Record<string, string> = {}, keyring?: Keyring): Place {
  const notices: string[] = [];
  const off = keyring === undefined ? { SLIPLINE_KEYRING: 'off' } : {};
  return {
    ...home.next(),
    environment: { ...off, ...environment },
    onNotice: (text) => notices.push(text),
    notices,
    keyring,
  };
}

const open = (place: Place): Promise<Ledger> => openLedgerIn(place, { keyring: place.keyring });

async function save(place: Place): Promise<void> {
  await using ledger = await open(place);
  await ledger.credentials.save('alpha', 'one', { userName: 'ann', password: new Secret('password') });
}

async function read(place: Place): Promise<string | undefined> {
  await using ledger = await open(place);
  return (await ledger.credentials.find('alpha', 'one'))?.password.reveal();
}

function keyFile(content: Uint8Array | string, mode = 0o600): string {
  const folder = home.next().home;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'slipline-key');
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

const refusal = (...texts: readonly string[]) => ({
  code: 'invalid-request',
  message: expect.stringMatching(
    new RegExp(texts.map((text) => text.replace(/[$./()]/g, '\\$&')).join('.*')),
  ),
  next: expect.stringMatching(/./),
});

describe('a key file', () => {
  it.each([
    ['32 bytes', KEY],
    ['hexadecimal', KEY.toString('hex')],
    ['hexadecimal with a newline', `${KEY.toString('hex').toUpperCase()}\n`],
    ['base64', `${KEY.toString('base64')}\n`],
    ['base64url', KEY.toString('base64url')],
  ])('may be %s', async (_, content) => {
    const place = newPlace({ SLIPLINE_KEY_FILE: keyFile(content) });
    await save(place);
    // The same key in another form.
    const other = { ...place, environment: { ...place.environment, SLIPLINE_KEY_FILE: keyFile(KEY) } };
    expect(await read(other)).toBe('password');
    expect(place.notices).toEqual([]);
    expect(existsSync(pathsIn(place.home).data)).toBe(false);
  });

  it.each([
    ['is empty', ''],
    ['is too short', KEY.subarray(1)],
    ['is a password', 'correct horse battery staple'],
    ['never ends', 'x'.repeat(100_000)],
  ])('that %s is refused', async (_, content) => {
    const file = keyFile(content);
    await expect(save(newPlace({ SLIPLINE_KEY_FILE: file }))).rejects.toMatchObject(
      refusal(file, 'holds no key of 32 bytes'),
    );
  });

  it.each([0o644, 0o640, 0o604, 0o660])('of mode %i is refused', async (mode) => {
    const file = keyFile(KEY, mode);
    await expect(save(newPlace({ SLIPLINE_KEY_FILE: file }))).rejects.toMatchObject({
      ...refusal(file, 'can be read by other users'),
      next: `chmod 600 ${file}`,
    });
  });

  it('that is somebody else’s, a folder or missing is refused', async () => {
    const folder = home.next().home;
    mkdirSync(folder, { recursive: true });
    await expect(save(newPlace({ SLIPLINE_KEY_FILE: folder }))).rejects.toMatchObject(
      refusal(folder, 'is not a file'),
    );
    const missing = join(folder, 'none');
    await expect(save(newPlace({ SLIPLINE_KEY_FILE: missing }))).rejects.toMatchObject(
      refusal(missing, 'SLIPLINE_KEY_FILE'),
    );
    // Only root can give a file away.
    const foreign = keyFile(KEY);
    if (process.geteuid?.() === 0) chownSync(foreign, 12345, 12345);
    else chmodSync(foreign, 0o644);
    await expect(save(newPlace({ SLIPLINE_KEY_FILE: foreign }))).rejects.toMatchObject(refusal(foreign));
  });
});

describe('the wrapping key', () => {
  it('comes from the environment before the keyring, and from the keyring before a file', async () => {
    const keyring = memoryKeyring();
    const credentials = join(keyFile(KEY), '..');
    const given = newPlace(
      { SLIPLINE_KEY_FILE: keyFile(KEY), CREDENTIALS_DIRECTORY: '/nonexistent' },
      keyring,
    );
    const service = newPlace({ CREDENTIALS_DIRECTORY: credentials }, keyring);
    for (const place of [given, service]) {
      await save(place);
      expect(await read(place)).toBe('password');
      expect(existsSync(pathsIn(place.home).data)).toBe(false);
    }
    expect(keyring.entries.size).toBe(0);
    const desktop = newPlace({ CREDENTIALS_DIRECTORY: '/nonexistent' }, keyring);
    await save(desktop);
    expect(keyring.entries.size).toBe(1);
    expect(existsSync(pathsIn(desktop.home).data)).toBe(false);
    expect([given, service, desktop].flatMap(({ notices }) => notices)).toEqual([]);
  });

  it('is one of its own in the keyring for each ledger', async () => {
    const keyring = memoryKeyring();
    const [one, two] = [newPlace({}, keyring), newPlace({}, keyring)];
    await save(one);
    await save(two);
    expect(new Set(keyring.entries.values()).size).toBe(2);
    expect([await read(one), await read(two)]).toEqual(['password', 'password']);
  });

  it('is made once for those who open the ledger at the same time', async () => {
    const keyring = memoryKeyring();
    for (const place of [newPlace({}, keyring), newPlace()]) {
      await Promise.all(Array.from({ length: 8 }, () => save(place)));
      expect(await read(place)).toBe('password');
    }
    expect(keyring.entries.size).toBe(1);
  });

  it('is put in a file apart from the ledger where no keyring answers, and said once', async () => {
    const place = newPlace({}, silentKeyring);
    const { wrappingKey, state } = pathsIn(place.home);
    await save(place);
    await save(place);
    expect(await read(place)).toBe('password');
    expect(place.notices).toHaveLength(1);
    expect(place.notices[0]).toContain(wrappingKey);
    expect(place.notices[0]).toContain(state);
    expect(place.notices[0]).not.toContain(readFileSync(wrappingKey, 'utf8').trim());
    expect(modeOf(wrappingKey)).toBe('600');
  });

  it('is not asked for to list, to trust or to read receipts', async () => {
    const keyring = memoryKeyring();
    const place = newPlace({}, keyring);
    await save(place);
    await using ledger = await open({ ...place, keyring: silentKeyring });
    await ledger.entries();
    await ledger.receipts();
    await ledger.trust.save({ host: 'one:443', pin: 'ab'.repeat(32) });
    const session = { provider: 'alpha', endpoint: 'one', id: '1' };
    await expect(ledger.secret(session)).rejects.toMatchObject({ code: 'not-found' });
    expect(await ledger.credentials.find('alpha', 'two')).toBeUndefined();
    await ledger.credentials.erase('alpha', 'one');
  });

  it('is asked for before a session is opened, so that none is opened that cannot be kept', async () => {
    const place = newPlace({}, memoryKeyring());
    await save(place);
    await using ledger = await open({ ...place, keyring: silentKeyring });
    await expect(ledger.open({ provider: 'alpha', endpoint: 'one' })).rejects.toMatchObject(
      refusal('keyring'),
    );
    expect(await ledger.entries()).toEqual([]);
    expect(await ledger.receipts()).toEqual([]);
  });

  it('is asked for again when it could not be had', async () => {
    const file = keyFile(KEY);
    const place = newPlace({ SLIPLINE_KEY_FILE: file });
    await save(place);
    rmSync(file);
    await using ledger = await open(place);
    await expect(ledger.credentials.find('alpha', 'one')).rejects.toMatchObject(refusal(file));
    writeFileSync(file, KEY, { mode: 0o600 });
    expect((await ledger.credentials.find('alpha', 'one'))?.password.reveal()).toBe('password');
  });
});

describe('a wrapping key that is missing', () => {
  const other = keyFile(KEY.toReversed());

  it.each<[string, () => Place, (place: Place) => Place, readonly string[]]>([
    [
      'the variable is not set',
      () => newPlace({ SLIPLINE_KEY_FILE: keyFile(KEY) }),
      (place) => ({ ...place, environment: { SLIPLINE_KEYRING: 'off' } }),
      ['missing', 'SLIPLINE_KEY_FILE is not set'],
    ],
    [
      'the service has no such credential',
      () => newPlace({ CREDENTIALS_DIRECTORY: join(keyFile(KEY), '..') }),
      (place) => ({ ...place, environment: { SLIPLINE_KEYRING: 'off' } }),
      ['missing', '$CREDENTIALS_DIRECTORY'],
    ],
    [
      'the keyring does not answer',
      () => newPlace({}, memoryKeyring()),
      (place) => ({ ...place, keyring: silentKeyring }),
      ['missing', 'keyring', 'it refused'],
    ],
    [
      'the keyring is turned off',
      () => newPlace({}, memoryKeyring()),
      (place) => ({ ...place, keyring: undefined, environment: { SLIPLINE_KEYRING: 'off' } }),
      ['missing', 'keyring', 'turned off'],
    ],
    [
      'the keyring has lost it',
      () => newPlace({}, memoryKeyring()),
      (place) => ({ ...place, keyring: memoryKeyring() }),
      ['missing', 'keyring has no entry "ledger '],
    ],
    [
      'the file is gone',
      () => newPlace(),
      (place) => {
        rmSync(pathsIn(place.home).wrappingKey);
        return place;
      },
      ['missing', 'wrapping.key is not there'],
    ],
    [
      'another is in its place',
      () => newPlace(),
      (place) => {
        writeFileSync(pathsIn(place.home).wrappingKey, KEY);
        return place;
      },
      ['another key than that in', 'wrapping.key'],
    ],
    [
      'the environment names another',
      () => newPlace(),
      (place) => ({ ...place, environment: { SLIPLINE_KEY_FILE: other } }),
      ['another key than that in SLIPLINE_KEY_FILE', other],
    ],
  ])('is an error that names its source, and makes no other: %s', async (_, make, lose, texts) => {
    const place = make();
    await save(place);
    const kept = readFileSync(pathsIn(place.home).ledger);
    const lost = lose(place);
    await expect(read(lost)).rejects.toMatchObject(refusal(...texts));
    await expect(save(lost)).rejects.toMatchObject(refusal(...texts));
    expect(readFileSync(pathsIn(place.home).ledger)).toEqual(kept);
    expect(lost.notices.length).toBeLessThanOrEqual(1);
    await using ledger = await open(lost);
    expect(await ledger.entries()).toEqual([]);
  });
});
