import { DisconnectError } from '@slipline/core';
import type { Context } from '../command.ts';
import { readStdin, readTextFile } from './input.ts';
import { isTerminal } from '../output/style.ts';
import { usage } from '../arguments/usage.ts';

/** JSON, or JSON Lines as a list, from a file or, with `-`, from stdin. Nothing at all is an empty list. */
export async function readJson(path: string, { stdin, signal }: Context): Promise<unknown> {
  if (path !== '-') return parseJson(await readTextFile(path, signal), path);
  if (isTerminal(stdin))
    throw usage(
      '"-" reads from a pipe, and stdin is the terminal',
      'slipline ls -o json | slipline disconnect -',
    );
  return parseJson(await readStdin(stdin, signal), 'stdin');
}

/** What a pipeline carries: JSON or JSON Lines, else a text a line. */
export async function readPiped({ stdin, signal }: Context): Promise<readonly unknown[]> {
  const text = (await readStdin(stdin, signal)).trim();
  if (!/^[[{"]/.test(text)) return text === '' ? [] : text.split(/\r?\n/).map((line) => line.trim());
  const value = parseJson(text, 'stdin');
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

function parseJson(input: string, where: string): unknown {
  const text = input.trim();
  if (text === '') return [];
  try {
    return JSON.parse(text);
  } catch (error) {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    if (lines.length < 2 || !isJson(lines[0] ?? '')) throw notJson(where, error);
    return lines.map((line, place) => {
      try {
        return JSON.parse(line) as unknown;
      } catch (cause) {
        throw notJson(`${where}, line ${place + 1}`, cause);
      }
    });
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function notJson(where: string, cause: unknown): DisconnectError {
  return new DisconnectError('invalid-request', `${where}: this is neither JSON nor JSON Lines`, {
    cause,
    next: 'make it with -o json or -o jsonl, or with --plan',
  });
}
