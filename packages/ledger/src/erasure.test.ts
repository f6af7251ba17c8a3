import { afterAll, describe, expect, it } from '@jest/globals';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, type Ledger, type LedgerEntry } from '@slipline/core';
import { filesWith } from './disk.test.support.ts';
import { openDatabase } from './driver.ts';
import { openLedger } from './index.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

const TOKEN = 'canary-LTExOTk0NDgyOTQ3MTYw-canary';
const home = testHome();
afterAll(() => home.remove());

const facts = (secret: string, endpoint = 'ov1.example') =>
  ({
    endpoint,
    kind: 'connection',
    label: `jdoe on ${endpoint}`,
    ownership: 'opened',
    effects: ['end'],
    details: {},
    secret: new Secret(secret),
  }) as const;

async function connect(ledger: Ledger, secret = TOKEN, endpoint?: string): Promise<LedgerEntry> {
  const { key } = await ledger.open({ provider: 'hpe-oneview', endpoint: endpoint ?? 'ov1.example' });
  return ledger.opened(key, facts(secret, endpoint));
}

async function end(ledger: Ledger, { session }: LedgerEntry): Promise<void> {
  const begun = await ledger.begin([{ kind: 'disconnect', session, effect: 'end' }]);
  await ledger.finish(begun.map(({ operation }) => ({ operation, status: 'disconnected', entry: 'ended' })));
}

/** The data key of an entry, unwrapped by hand: what must never be on the disk. */
function dataKey(home: string, key: string): Buffer {
  const paths = pathsIn(home);
  const wrapping = Buffer.from(readFileSync(paths.wrappingKey, 'latin1'), 'base64');
  const wrapped = readFileSync(join(paths.keys, `${key}.key`));
  const decipher = createDecipheriv('aes-256-gcm', wrapping, wrapped.subarray(0, 12));
  decipher
    .setAAD(Buffer.from(JSON.stringify(['slipline', 1, 'key', key])))
    .setAuthTag(wrapped.subarray(12, 28));
  return Buffer.concat([decipher.update(wrapped.subarray(28)), decipher.final()]);
}

function sealedBytes(home: string): Buffer {
  const database = openDatabase(pathsIn(home).ledger);
  const row = database.prepare('SELECT sealed FROM entries').get();
  database.close();
  return Buffer.from(row?.['sealed'] as Uint8Array);
}

describe('a sealed secret', () => {
  it('is on no disk in the clear, nor is its key', async () => {
    const place = home.next();
    await using ledger = await openLedger(place);
    const { key } = await connect(ledger);
    await ledger.credentials.save('hpe-oneview', 'ov1.example', {
      userName: 'jdoe',
      password: new Secret(TOKEN),
    });
    expect(filesWith(place.home, Buffer.from(TOKEN))).toEqual([]);
    expect(filesWith(place.home, dataKey(place.home, key))).toEqual([]);
    // What is looked for can be found.
    expect(filesWith(place.home, sealedBytes(place.home))).not.toEqual([]);
  });

  it('is not to be had once its session has ended: its key is nowhere, and the row is empty', async () => {
    const place = home.next();
    const paths = pathsIn(place.home);
    const ledger = await openLedger(place);
    const entry = await connect(ledger);
    const file = join(paths.keys, `${entry.key}.key`);
    const wrapped = readFileSync(file);
    const sealed = sealedBytes(place.home);
    await end(ledger, entry);
    expect(existsSync(file)).toBe(false);
    expect(filesWith(place.home, wrapped)).toEqual([]);
    expect(filesWith(place.home, Buffer.from(TOKEN))).toEqual([]);
    await ledger[Symbol.asyncDispose]();
    const database = openDatabase(paths.ledger);
    expect(database.prepare('SELECT sealed FROM entries').all()).toEqual([{ sealed: null }]);
    database.close();
    expect(filesWith(place.home, sealed)).toEqual([]);
  });

  it('leaves nothing of what it ever was, however often it was renewed', async () => {
    const place = home.next();
    const ledger = await openLedger(place);
    const entry = await connect(ledger);
    const wrapped = readFileSync(join(pathsIn(place.home).keys, `${entry.key}.key`));
    const sealed = [sealedBytes(place.home)];
    for (let round = 1; round <= 3; round += 1) {
      await ledger.renew(entry.session, async () => ({ secret: new Secret(`${TOKEN}-${round}`) }));
      sealed.push(sealedBytes(place.home));
    }
    expect(new Set(sealed.map((bytes) => bytes.toString('hex'))).size).toBe(4);
    await end(ledger, entry);
    expect(readdirSync(pathsIn(place.home).keys)).toEqual([]);
    expect(filesWith(place.home, wrapped)).toEqual([]);
    await ledger[Symbol.asyncDispose]();
    for (const bytes of sealed) expect(filesWith(place.home, bytes)).toEqual([]);
    expect(filesWith(place.home, Buffer.from(TOKEN))).toEqual([]);
  });

  it('leaves nothing on pages of its own, where it is long', async () => {
    const place = home.next();
    const ledger = await openLedger(place);
    // A sign-in's tokens take some kilobytes, which the database spreads over pages.
    const entry = await connect(ledger, TOKEN.repeat(400));
    const before = sealedBytes(place.home);
    await ledger.renew(entry.session, async () => ({ secret: new Secret(`${TOKEN}${TOKEN.repeat(500)}`) }));
    const pieces = [before, sealedBytes(place.home)].flatMap((bytes) =>
      Array.from({ length: Math.floor(bytes.length / 64) }, (_, n) => bytes.subarray(64 * n, 64 * (n + 1))),
    );
    const left = (): number => pieces.filter((piece) => filesWith(place.home, piece).length > 0).length;
    expect(left()).toBeGreaterThan(200);
    await end(ledger, entry);
    await ledger[Symbol.asyncDispose]();
    expect(left()).toBe(0);
  });

  it('cannot be read from what a database leaves behind', async () => {
    const place = home.next();
    const ledger = await openLedger(place);
    const entry = await connect(ledger);
    const wal = `${pathsIn(place.home).ledger}-wal`;
    // A reader that came before the end may keep old pages for long.
    const kept = existsSync(wal) ? readFileSync(wal) : Buffer.alloc(0);
    expect(kept.includes(sealedBytes(place.home))).toBe(true);
    await end(ledger, entry);
    expect(readdirSync(pathsIn(place.home).keys)).toEqual([]);
    await ledger[Symbol.asyncDispose]();
  });

  it('opens for its own entry, provider and endpoint only', async () => {
    const place = home.next();
    const paths = pathsIn(place.home);
    const ledger = await openLedger(place);
    const one = await connect(ledger, 'one', 'ov1.example');
    const two = await connect(ledger, 'two', 'ov2.example');
    const change = (sql: string): void => {
      const database = openDatabase(paths.ledger);
      database.exec(sql);
      database.close();
    };
    const refused = { code: 'internal', message: expect.stringContaining('sealed secret') };

    change(
      `UPDATE entries SET sealed = (SELECT sealed FROM entries WHERE key = '${two.key}') WHERE key = '${one.key}'`,
    );
    await expect(ledger.secret(one.session)).rejects.toMatchObject(refused);

    // With the key file exchanged too, the key is bound to the other entry.
    renameSync(join(paths.keys, `${two.key}.key`), join(paths.keys, `${one.key}.key`));
    await expect(ledger.secret(one.session)).rejects.toMatchObject(refused);
    await expect(ledger.secret(two.session)).rejects.toMatchObject(refused);
    await ledger[Symbol.asyncDispose]();
  });

  it('is not sent elsewhere by an edited endpoint', async () => {
    const place = home.next();
    await using ledger = await openLedger(place);
    const { session } = await connect(ledger);
    const database = openDatabase(pathsIn(place.home).ledger);
    const ref = JSON.stringify(['hpe-oneview', 'evil.example', '1']);
    database
      .prepare("UPDATE entries SET ref = ?, session = replace(session, 'ov1.example', 'evil.example')")
      .run(ref);
    database.close();
    const [moved] = await ledger.entries();
    expect(moved?.session.endpoint).toBe('evil.example');
    await expect(ledger.secret({ ...session, endpoint: 'evil.example' })).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it('is refused when a bit of it or of its key is changed', async () => {
    const place = home.next();
    const paths = pathsIn(place.home);
    await using ledger = await openLedger(place);
    const { key, session } = await connect(ledger);
    const file = join(paths.keys, `${key}.key`);
    const whole = readFileSync(file);
    for (const place of [0, 13, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      writeFileSync(file, changed);
      await expect(ledger.secret(session)).rejects.toMatchObject({ code: 'internal' });
    }
    writeFileSync(file, whole.subarray(0, 20));
    await expect(ledger.secret(session)).rejects.toMatchObject({ code: 'internal' });
    writeFileSync(file, whole);
    expect((await ledger.secret(session)).reveal()).toBe(TOKEN);
  });

  it('is sealed as AES-256-GCM, readable with nothing but the keys', async () => {
    const place = home.next();
    const ledger = await openLedger(place);
    const { key } = await connect(ledger);
    const sealed = sealedBytes(place.home);
    await ledger[Symbol.asyncDispose]();
    const about = JSON.stringify(['slipline', 1, 'secret', key, 'session', 'hpe-oneview', 'ov1.example']);
    const cipher = createCipheriv('aes-256-gcm', dataKey(place.home, key), sealed.subarray(0, 12));
    cipher.setAAD(Buffer.from(about));
    const text = Buffer.concat([cipher.update(TOKEN), cipher.final()]);
    expect(Buffer.concat([sealed.subarray(0, 12), cipher.getAuthTag(), text])).toEqual(sealed);
  });
});

describe('a saved credential', () => {
  it('leaves no key behind when it is replaced or erased', async () => {
    const place = home.next();
    const { keys } = pathsIn(place.home);
    await using ledger = await openLedger(place);
    const save = (password: string): Promise<void> =>
      ledger.credentials.save('hpe-oneview', 'ov1.example', {
        userName: 'jdoe',
        password: new Secret(password),
      });
    await save('first');
    const [first] = readdirSync(keys);
    await save('second');
    expect(readdirSync(keys)).toHaveLength(1);
    expect(readdirSync(keys)).not.toEqual([first]);
    await ledger.credentials.erase('hpe-oneview', 'OV1.example');
    expect(readdirSync(keys)).toEqual([]);
    expect(filesWith(place.home, Buffer.from('second'))).toEqual([]);
  });
});

describe('a session that is opened again', () => {
  it('keeps the one key file it has', async () => {
    const place = home.next();
    await using ledger = await openLedger(place);
    const entry = await connect(ledger);
    const { session } = await ledger.opened(entry.key, facts('another'));
    expect(readdirSync(pathsIn(place.home).keys)).toEqual([`${entry.key}.key`]);
    expect((await ledger.secret(session)).reveal()).toBe('another');
  });
});
