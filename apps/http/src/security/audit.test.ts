import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@slipline/testkit';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Audit } from './audit.ts';

const clock = manualClock();
let folder: string;
let audit: Audit;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-audit-'));
  audit = await Audit.open(folder, clock);
});

afterEach(async () => {
  await audit[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const note = (detail: string): Promise<void> => audit.note({ user: 'olga', what: 'connect', detail });

it('writes each note down as one line, for its owner alone', async () => {
  await audit.note({
    user: 'olga',
    what: 'disconnect refused',
    target: { provider: 'wsman', endpoint: 'server01' },
    detail: 'out of scope',
  });
  const text = await readFile(join(folder, 'audit.jsonl'), 'utf8');
  expect(JSON.parse(text)).toEqual({
    number: 1,
    at: '2026-01-01T00:00:00.000Z',
    user: 'olga',
    what: 'disconnect refused',
    provider: 'wsman',
    endpoint: 'server01',
    detail: 'out of scope',
  });
  expect((await stat(join(folder, 'audit.jsonl'))).mode & 0o777).toBe(0o600);
});

it('lets nobody forge a line', async () => {
  await note('x"}\n{"number":9,"at":"now","user":"eve","what":"nothing"}\u2028\u001b[2J');
  const entries = await audit.read(10);
  expect(entries).toHaveLength(1);
  expect(entries[0]?.detail).not.toMatch(/[\p{Cc}\p{Zl}]/u);
});

it('reads newest first, in pages, across many chunks of the file', async () => {
  await Promise.all(Array.from({ length: 3000 }, (_, place) => note(`${place} ${'x'.repeat(100)}`)));
  const first = await audit.read(1000);
  expect(first.map(({ number }) => number)).toEqual(Array.from({ length: 1000 }, (_, place) => 3000 - place));
  const second = await audit.read(1000, first.at(-1)?.number);
  expect(second[0]?.number).toBe(2000);
  expect(await audit.read(10, 1)).toEqual([]);
});

it('goes on counting where an earlier process ended, past a line that it did not finish', async () => {
  await note('one');
  await audit[Symbol.asyncDispose]();
  await appendFile(join(folder, 'audit.jsonl'), '{"number":2,"at":"20');
  audit = await Audit.open(folder, clock);
  await note('two');
  expect((await audit.read(10)).map(({ number, detail }) => [number, detail])).toEqual([
    [2, 'two'],
    [1, 'one'],
  ]);
});

it('keeps five files at most, and loses only the oldest notes', async () => {
  await audit[Symbol.asyncDispose]();
  audit = await Audit.open(folder, clock, { largestFile: 1000 });
  for (let count = 0; count < 100; count++) await note(`${count} ${'x'.repeat(50)}`);
  expect((await readdir(folder)).sort()).toEqual([
    'audit.1.jsonl',
    'audit.2.jsonl',
    'audit.3.jsonl',
    'audit.4.jsonl',
    'audit.jsonl',
  ]);
  const numbers = (await audit.read(1000)).map(({ number }) => number);
  expect(numbers[0]).toBe(100);
  expect(numbers).toEqual([...numbers].sort((one, other) => other - one));
  expect(numbers.length).toBeGreaterThan(25);
  expect(numbers.length).toBeLessThan(100);
});
