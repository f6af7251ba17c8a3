import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock, type ManualClock } from '@slipline/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyStore } from './key-store.ts';

const OPERATOR = { user: 'olga', role: 'operator', scopes: ['wsman:server*'] } as const;

let folder: string;
let file: string;
let clock: ManualClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-keys-'));
  file = join(folder, 'keys.json');
  clock = manualClock();
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a key', () => {
  it('has 256 bits, and its file only a hash of them, for its owner alone', async () => {
    const keys = await KeyStore.open(file, clock);
    const { key, record } = await keys.create(OPERATOR);
    expect(key).toMatch(/^slk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/);
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(key.slice(-43));
    expect(record.hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('stands for its holder', async () => {
    const keys = await KeyStore.open(file, clock);
    const { key, record } = await keys.create(OPERATOR);
    expect(await keys.find(key)).toMatchObject({ id: record.id, who: OPERATOR });
  });

  it('is nobody’s when any of it is wrong', async () => {
    const keys = await KeyStore.open(file, clock);
    const { key } = await keys.create(OPERATOR);
    const { key: other } = await keys.create(OPERATOR);
    const wrong = [
      '',
      'slk_',
      key.slice(0, -1),
      `${key}x`,
      ` ${key}`,
      `${key.slice(0, 17)}${other.slice(17)}`,
      key.toUpperCase(),
      `slk_${'0'.repeat(12)}_${key.slice(17)}`,
      'slk___proto____'.padEnd(60, 'x'),
    ];
    for (const text of wrong) expect(await keys.find(text)).toBeUndefined();
  });

  it('ends when it was said to', async () => {
    const keys = await KeyStore.open(file, clock);
    const { key, record } = await keys.create({ ...OPERATOR, lifetime: 1000 });
    expect(await keys.find(key)).toBeDefined();
    await clock.advance(1000);
    expect(await keys.find(key)).toBeUndefined();
    expect(keys.isGood(record.id)).toBe(false);
  });

  it('is gone once it is revoked, and cannot be revoked twice', async () => {
    const keys = await KeyStore.open(file, clock);
    const { key, record } = await keys.create(OPERATOR);
    await keys.revoke(record.id);
    expect(await keys.find(key)).toBeUndefined();
    await expect(keys.revoke(record.id)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a running service', () => {
  it('notices within a second what another process does to the keys', async () => {
    const service = await KeyStore.open(file, clock);
    const command = await KeyStore.open(file, clock);
    const { key, record } = await command.create(OPERATOR);
    await clock.advance(1000);
    expect(await service.find(key)).toBeDefined();
    await command.revoke(record.id);
    await clock.advance(1000);
    expect(await service.find(key)).toBeUndefined();
  });

  it('lets nobody in while the file cannot be understood, and leaves it as it is', async () => {
    const keys = await KeyStore.open(file, clock);
    const { key } = await keys.create(OPERATOR);
    await writeFile(file, '{ "version": 1, "keys": [');
    await clock.advance(1000);
    await expect(keys.find(key)).rejects.toMatchObject({ code: 'internal', message: /is damaged/ });
    expect(keys.nameIn(key)).toBeUndefined();
    await expect(keys.create(OPERATOR)).rejects.toMatchObject({ code: 'internal' });
    expect(await readFile(file, 'utf8')).toBe('{ "version": 1, "keys": [');
  });

  it('keeps every key that two processes create at once', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => KeyStore.open(file, clock)));
    await Promise.all(stores.map((store) => store.create(OPERATOR)));
    expect(await (await KeyStore.open(file, clock)).list()).toHaveLength(3);
  });
});

describe('a file that is no list of keys', () => {
  it.each([
    'null',
    '[]',
    '{"version":2,"keys":[]}',
    '{"version":1,"keys":[{}]}',
    '{"version":1,"keys":[{"id":"a"}]}',
    `{"version":1,"keys":[{"id":"aaaaaaaaaaaa","user":"x","role":"owner","scopes":["*"],"hash":"${'0'.repeat(64)}","createdAt":"2026-01-01T00:00:00Z"}]}`,
    `{"version":1,"keys":[{"id":"aaaaaaaaaaaa","user":"x","role":"viewer","scopes":["?"],"hash":"${'0'.repeat(64)}","createdAt":"2026-01-01T00:00:00Z"}]}`,
  ])('%s is refused', async (text) => {
    await writeFile(file, text);
    await expect(KeyStore.open(file, clock)).rejects.toMatchObject({
      code: 'internal',
      message: /is damaged/,
    });
  });

  it('is refused when it is huge', async () => {
    await writeFile(file, ' '.repeat(4 * 1024 * 1024 + 1));
    await expect(KeyStore.open(file, clock)).rejects.toMatchObject({ code: 'internal' });
  });
});

it('says so where it cannot be written', async () => {
  const keys = await KeyStore.open(join(folder, 'none', 'keys.json'), clock);
  await expect(keys.create(OPERATOR)).rejects.toMatchObject({
    code: 'internal',
    message: /cannot be written/,
  });
  await chmod(folder, 0o700);
});
