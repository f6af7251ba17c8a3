import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { asPattern, consoleCommands, runAll } from './console-blocks.test.support.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { PROGRAM } from './own-program.ts';
import { findProviders } from '@slipline/config/plugins';

// Every example of a page, one process after the other.
jest.setTimeout(120_000);

const ROOT = new URL('../../../', import.meta.url);
const readme = await readFile(new URL('README.md', ROOT), 'utf8');
const commands = consoleCommands(readme);

describe('the README', () => {
  let lab: Lab;
  let folder: string;
  let printed: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipline-readme-'));
    const config = { folder, plugins: [], settings: {} };
    lab = await openLab({
      providers: (await findProviders(config, PROGRAM)).installed,
      config,
      environment: process.env,
    });
    const [administrator, auditor] = lab.benches.get('hpe-oneview')?.facts.users ?? [];
    await writeFile(join(folder, 'password.txt'), administrator?.password ?? '');
    await writeFile(join(folder, 'auditor.txt'), auditor?.password ?? '');
    const passwordOf = (provider: string) => lab.benches.get(provider)?.facts.users[0]?.password ?? '';
    await writeFile(join(folder, 'administrator.txt'), passwordOf('wsman'));
    await writeFile(join(folder, 'opadmin.txt'), passwordOf('terminal-sessions'));
    await writeFile(join(folder, 'secret.txt'), SECRET_APPLICATION.secrets[0]?.value ?? '');
    printed = await runAll(
      commands.map(({ command }) => command),
      folder,
      lab.environment,
    );
  });

  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('has examples', () => {
    expect(commands.length).toBeGreaterThan(20);
  });

  it.each(commands.map((one, index) => [one.line, one.command, one, index] as const))(
    'line %d prints what it says: %s',
    (_line, _command, { expected }, index) => {
      expect(`${printed[index]}\n`).toMatch(asPattern(expected));
    },
  );
});
