import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { Samba, SAMBA_PASSWORD, SAMBA_USER } from './testing/index.ts';

const here = (path: string) => `'${fileURLToPath(new URL(path, import.meta.url))}'`;
let folder: string | undefined;

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** The first block of the README, with the address and user of a server that is there, told instead of printed. */
async function example(port: number): Promise<string> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, code = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const changes: readonly (readonly [string, string])[] = [
    ["'@slipline/msrpc'", here('index.ts')],
    ["'@slipline/windows-auth'", here('../../windows-auth/src/index.ts')],
    ["connect(445, 'server01')", `connect(${port}, '127.0.0.1')`],
    [
      "userName: 'CORP\\\\jdoe', password: 'secret'",
      `userName: '${SAMBA_USER}', password: '${SAMBA_PASSWORD}'`,
    ],
    ['console.log(time?.year)', 'export const year = time?.year'],
  ];
  return changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, code);
}

it('does what the README shows', async () => {
  const samba = await Samba.start();
  try {
    folder = await mkdtemp(join(tmpdir(), 'slipline-readme-'));
    const script = join(folder, 'example.ts');
    await writeFile(script, await example(samba.port));
    const { year } = (await import(script)) as { year: number };
    expect(year).toBeGreaterThanOrEqual(new Date().getFullYear() - 1);
  } finally {
    await samba.stop();
  }
}, 60_000);
