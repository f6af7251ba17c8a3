import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { openBench } from '@slipline/hpe-oneview/testing';
import { outboundPolicy } from './outbound/outbound.ts';
import { openTestServer } from './server.test.support.ts';
import { portOf } from './server.ts';
import { readHttpFile } from './settings/http-file.ts';

const README = new URL('../../../README.md', import.meta.url);
const OWN = new URL('../README.md', import.meta.url);

it('the example of the front page ends every session of an appliance, and tells of each', async () => {
  await using bench = await openBench();
  await using server = await openTestServer({ bench });
  for (let count = 0; count < 3; count += 1) await bench.open(server.slipline);
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  const [, example = ''] = /```js\n(.*?)```/s.exec(await readFile(README, 'utf8')) ?? [];
  const port = portOf(server.app);
  expect(example).toContain('127.0.0.1:4380');
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', example.replaceAll('4380', String(port))],
    { env: { KEY: await server.key({ user: 'ci', scopes: ['hpe-oneview:*'] }) } },
  );
  expect(stderr).toBe('');
  expect(stdout.match(/^event: session-end$/gm)).toHaveLength(3);
  expect(stdout.match(/"status":"disconnected"/g)).toHaveLength(3);
  expect(stdout).toMatch(/^event: job-end$/m);
  expect(bench.sessionCount?.()).toBe(0);
  const receipts = await server.slipline.receipts({ kind: 'disconnect' });
  expect(receipts.map(({ user, reason }) => [user, reason])).toEqual(Array(3).fill(['ci', 'CHG-1234']));
});

it.each([
  ['the front page', README],
  ['the README of the service', OWN],
])('the http.json of %s can be read', async (_name, file) => {
  const examples = [...(await readFile(file, 'utf8')).matchAll(/```json\n(.*?)```/gs)].map(
    ([, text = '']) => text,
  );
  const [example = ''] = examples.filter((text) => text.includes('"outbound"'));
  const folder = await mkdtemp(join(tmpdir(), 'slipline-http-readme-'));
  try {
    await writeFile(join(folder, 'http.json'), example, { mode: 0o600 });
    const { outbound = [] } = await readHttpFile(folder);
    expect(outboundPolicy(outbound).allow({ host: 'ov1.example', port: 443 })).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
