import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { asPattern, consoleCommands, runAll } from './console-blocks.test.support.ts';
import { ENTRY } from './own-program.ts';

// A package is built, tested and installed.
jest.setTimeout(120_000);

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The code blocks of a page that say which file they are. */
function filesOf(markdown: string): readonly (readonly [path: string, text: string])[] {
  return [...markdown.matchAll(/^```\w+ title="([^"]+)"\n(.*?)^```/gms)].map(([, path = '', text = '']) => [
    path,
    text,
  ]);
}

/** A folder with the files of a page, in which the packages it needs are installed. */
async function makeProject(markdown: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'slipline-walk-through-')));
  for (const [path, text] of filesOf(markdown)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const links: Readonly<Record<string, string>> = {
    '@slipline/core': 'packages/core',
    '@slipline/testkit': 'packages/testkit',
    '@slipline/ledger': 'packages/ledger',
    '@slipline/hpe-oneview': 'packages/hpe-oneview',
    '@types/node': 'node_modules/@types/node',
    typescript: 'node_modules/typescript',
  };
  for (const [name, target] of Object.entries(links)) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true });
    await symlink(join(ROOT, target), join(folder, 'node_modules', name), 'junction');
  }
  await mkdir(join(folder, 'node_modules/.bin'));
  await symlink('../typescript/bin/tsc', join(folder, 'node_modules/.bin/tsc'));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/slipline'), `#!/bin/sh\nexec '${process.execPath}' '${ENTRY}' "$@"\n`);
  await chmod(join(folder, 'bin/slipline'), 0o755);
  return folder;
}

const pages = await Promise.all(
  ['writing-a-provider.md', 'composing-an-app.md'].map(async (name) => {
    const text = await readFile(join(ROOT, 'docs', name), 'utf8');
    return { name, text, commands: consoleCommands(text) };
  }),
);

describe.each(pages)('docs/$name', ({ text, commands }) => {
  let folder: string;
  let printed: readonly string[];

  beforeAll(async () => {
    folder = await makeProject(text);
    printed = await runAll(
      commands.map(({ command }) => command),
      folder,
      {
        ...process.env,
        // Nx asks for colours, which `node --test` of Node 24 then uses.
        FORCE_COLOR: '0',
        PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
        SLIPLINE_HOME: join(folder, 'home'),
        SLIPLINE_KEYRING: 'off',
        npm_config_loglevel: 'error',
      },
    );
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(commands.map(({ line, command, expected }, index) => [line, command, expected, index] as const))(
    'line %d prints what it says: %s',
    (_line, _command, expected, index) => {
      expect(`${printed[index]}\n`).toMatch(asPattern(expected));
    },
  );
});
