import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Programs that use this package, each in a process of its own. */
export interface Programs extends AsyncDisposable {
  /** Starts a script that may import `./ledger.mjs`: this package, `Secret` of core and `tell`, which prints a line at once. */
  start(script: string, ...rest: readonly string[]): Program;
}

export interface Program {
  readonly process: ChildProcess;
  /** Whole lines it has printed until now. */
  lines(): readonly string[];
  /** Ends when it has printed so many lines, or has ended. */
  hasTold(count: number): Promise<void>;
  /** Its exit code, or the signal that ended it, and what it wrote to stderr. */
  readonly ended: Promise<{ readonly code: number | string | null; readonly errors: string }>;
}

const ENTRY = `
  export * from './index.ts';
  export { openLedgerIn } from './open-ledger.ts';
  export { Secret } from '@slipline/core';
  import { writeSync } from 'node:fs';
  export const tell = (...words) => void writeSync(1, words.join(' ') + '\\n');
`;

/** Bundles this package from its source. */
export async function makePrograms(): Promise<Programs> {
  const source = fileURLToPath(new URL('.', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'slipline-programs-'));
  symlinkSync(join(source, '../node_modules'), join(folder, 'node_modules'), 'junction');
  await build({
    stdin: { contents: ENTRY, resolveDir: source, loader: 'ts' },
    outfile: join(folder, 'ledger.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['@slipline/source'],
    // What of core a ledger does not use may be CommonJS.
    banner: {
      js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url);",
    },
    logLevel: 'error',
  });
  let count = 0;
  return {
    start: (script, ...rest) => {
      count += 1;
      const file = join(folder, `${count}.mjs`);
      writeFileSync(file, script);
      return follow(spawn(process.execPath, [file, ...rest], { env: { ...process.env, NODE_OPTIONS: '' } }));
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function follow(child: ChildProcess): Program {
  let output = '';
  let errors = '';
  const lines = (): readonly string[] => output.split('\n').slice(0, -1);
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<Awaited<Program['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? signal, errors }));
  });
  const hasTold = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (lines().length >= count) resolve();
      };
      child.stdout?.on('data', look);
      child.once('close', () => resolve());
      look();
    });
  return { process: child, hasTold, ended, lines };
}
