import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Environment } from '@slipline/config';

/** A command of a document, and what the document says it prints. */
export interface ConsoleCommand {
  readonly line: number;
  readonly command: string;
  readonly expected: string;
}

/** The commands of all ```console blocks: lines that begin with `$ `, each with the lines behind it. */
export function consoleCommands(markdown: string): readonly ConsoleCommand[] {
  const found: { line: number; command: string; expected: string[] }[] = [];
  let isConsole = false;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (line.startsWith('```')) isConsole = line === '```console';
    else if (isConsole && line.startsWith('$ '))
      found.push({ line: index + 1, command: line.slice(2), expected: [] });
    else if (isConsole) found.at(-1)?.expected.push(line);
  }
  return found.map((one) => ({ ...one, expected: one.expected.join('\n') }));
}

/** What each command prints, on both streams, run one after the other in one shell; without empty lines at its end. */
export async function runAll(
  commands: readonly string[],
  cwd: string,
  environment: Environment,
): Promise<readonly string[]> {
  const mark = `--- ${crypto.randomUUID()}`;
  const script = commands
    .map((command) => `(exit $code)\n${command}\ncode=$?; echo; echo '${mark}'`)
    .join('\n');
  const shell = spawn('bash', ['--norc', '-c', `exec 2>&1\ncode=0\n${script}`], {
    cwd,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A session of its own has no terminal: nobody can be asked.
    detached: true,
  });
  const text = shell.stdout.setEncoding('utf8').toArray();
  await once(shell, 'close');
  return (await text)
    .join('')
    .split(`\n${mark}\n`)
    .slice(0, -1)
    .map((one) => one.trimEnd());
}

/**
 * As it is expected, where `…` stands for anything in a line, and for any lines where it is alone in one. How wide a gap
 * between columns is does not matter.
 */
export function asPattern(expected: string): RegExp {
  const lines = expected.split('\n').map((line) => {
    if (line === '…') return '(?:.*\\n)*?';
    const parts = line.trimEnd().split('…');
    const literal = parts.map((part) =>
      part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/ {2,}/g, ' {2,}'),
    );
    return `${literal.join('.*?')} *\\n`;
  });
  return new RegExp(`^${lines.join('')}$`);
}
