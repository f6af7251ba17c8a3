import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DisconnectError, ERROR_CODES } from '@slipline/core';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '@slipline/config';
import { exitCodeOf } from './exit-codes.ts';

const ROOT = new URL('../../../', import.meta.url);
const guides = (await readdir(new URL('docs/', ROOT)))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const pages = ['README.md', 'CONTRIBUTING.md', ...guides];

const read = (page: string): Promise<string> => readFile(new URL(page, ROOT), 'utf8');

/** The code blocks of a page that are marked as being in this language. */
const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);

describe('docs/errors.md', () => {
  it('has every code, in order, with the exit code that the command line gives it', async () => {
    const rows = (await read('docs/errors.md')).matchAll(/^\| `([a-z-]+)` +\| [^|]+\| (\d+) +\|$/gm);
    const documented = [...rows].map(([, code, exitCode]) => [code, Number(exitCode)]);
    expect(documented).toEqual(ERROR_CODES.map((code) => [code, exitCodeOf(new DisconnectError(code, ''))]));
  });
});

describe('the README', () => {
  it('shows a config.json that can be read', async () => {
    // One is an http.json, which the HTTP service reads.
    const examples = blocks(await read('README.md'), 'json').filter((text) => !text.includes('"outbound"'));
    expect(examples).toHaveLength(1);
    const folder = await mkdtemp(join(tmpdir(), 'slipline-docs-'));
    try {
      await writeFile(join(folder, 'config.json'), examples[0] ?? '', { mode: 0o600 });
      expect((await readConfig(folder)).settings.output).toBe('json');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it.each(pages)('%s links only to what is there', async (page) => {
  const text = await read(page);
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = '']) => `#${heading.toLowerCase().replaceAll(' ', '-')}`,
  );
  const broken = targets.filter((target) => {
    if (/^https?:/.test(target)) return false;
    if (target.startsWith('#')) return !headings.includes(target);
    return !existsSync(fileURLToPath(new URL(target.replace(/#.*/, ''), new URL(page, ROOT))));
  });
  expect(broken).toEqual([]);
});
