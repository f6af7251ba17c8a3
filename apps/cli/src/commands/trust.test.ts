import { MemoryLedger } from '@slipline/core';
import { createAuthority } from '@slipline/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runCommand } from '../context.test.support.ts';
import { trust } from './trust.ts';

const PIN = 'ab'.repeat(32);

let folder: string;
let ledger: MemoryLedger;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-trust-'));
  ledger = new MemoryLedger();
  await ledger.trust.save({ host: 'ov1.example:443', pin: PIN });
  await ledger.trust.save({ host: 'ov1.example:8443', pin: PIN });
  await ledger.trust.save({ host: '[::1]:443', pin: PIN });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const hosts = async (): Promise<readonly string[]> => (await ledger.trust.list()).map(({ host }) => host);
const run = (...positionals: string[]) => runCommand(trust, { positionals }, { folder, ledger });

it('lists pins and authorities with what they are recognised by', async () => {
  const { certificate } = await createAuthority({ commonName: 'Lab CA' });
  await ledger.trust.save({ host: 'ov2.example:443', authority: certificate });
  await ledger.trust.save({ host: 'ov3.example:443', authority: 'garbage' });
  const { code, stdout } = await runCommand(
    trust,
    { positionals: ['ls'] },
    { folder, ledger, format: 'json' },
  );
  const rows = JSON.parse(stdout) as readonly Record<string, string>[];
  expect(code).toBe(0);
  expect(rows.find(({ host }) => host === 'ov1.example:443')).toMatchObject({
    by: 'pin',
    fingerprint: `sha256:${PIN}`,
  });
  expect(rows.find(({ host }) => host === 'ov2.example:443')).toMatchObject({
    by: 'authority',
    subject: 'CN=Lab CA',
    fingerprint: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
  expect(rows.find(({ host }) => host === 'ov3.example:443')).toMatchObject({ subject: 'not a certificate' });
});

it('forgets one port of a host, or all of them, whatever the case', async () => {
  expect(await run('remove', 'OV1.example:8443')).toMatchObject({
    code: 0,
    stdout: 'ov1.example:8443 is not trusted by hand any more.\n',
  });
  expect(await hosts()).toEqual(expect.arrayContaining(['ov1.example:443', '[::1]:443']));
  await ledger.trust.save({ host: 'ov1.example:8443', pin: PIN });
  await run('remove', 'ov1.example', '[::1]');
  expect(await hosts()).toEqual([]);
});

it('forgets nothing where one of the hosts is not known', async () => {
  await expect(run('remove', 'ov1.example', 'ov9.example')).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('ov9.example'),
    next: 'slipline trust ls',
  });
  expect(await hosts()).toHaveLength(3);
});

it('says what it can do', async () => {
  for (const words of [[], ['ls', 'x'], ['remove'], ['add', 'x']]) {
    await expect(run(...words)).rejects.toMatchObject({
      code: 'invalid-request',
      next: 'slipline trust ls | remove HOST[:PORT]…',
    });
  }
});
