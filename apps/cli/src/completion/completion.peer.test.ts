import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { COMPLETION_SCRIPTS } from './completion-scripts.ts';
import { ENTRY } from '../own-program.ts';

// Each tab key starts this program, and two shells wait for it.
jest.setTimeout(60_000);

let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipline-shells-'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${ENTRY}' "$@"\n`;
  writeFileSync(join(folder, 'slipline'), program, { mode: 0o700 });
  writeFileSync(join(folder, 'plan one.json'), '{}');
  for (const shell of ['zsh', 'fish'] as const)
    writeFileSync(join(folder, `script.${shell}`), COMPLETION_SCRIPTS[shell]);
  const path = [folder, dirname(process.execPath), process.env['PATH']].join(delimiter);
  environment = { PATH: path, HOME: folder, SLIPLINE_HOME: join(folder, 'home'), TERM: 'dumb' };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (shell: string, script: string, ...args: readonly string[]): string =>
  execFileSync(shell, ['-c', script, shell, ...args], { cwd: folder, env: environment, encoding: 'utf8' });

describe('fish', () => {
  const offered = (line: string): readonly string[] =>
    run('fish', `source script.fish; complete -C '${line}'`).split('\n').slice(0, -1);

  it('offers commands, providers, flags and choices, with what they are', () => {
    expect(offered('slipline disc')).toEqual([
      'disconnect\tdisconnect sessions, and verify that they are gone',
    ]);
    expect(offered('slipline disconnect ')).toContain('hpe-oneview');
    expect(offered('slipline disconnect hpe-oneview --effect e')).toEqual(['end']);
    expect(offered('slipline ls --output=jsonl')).toEqual(['--output=jsonl']);
  });

  it('offers files where one is wanted, and nowhere else', () => {
    expect(offered('slipline apply plan')).toEqual(['plan one.json']);
    expect(offered('slipline trust plan')).toEqual([]);
  });
});

describe('zsh', () => {
  /** Types a line into an interactive zsh, presses tab, and answers what the line has become. */
  function completed(line: string): string {
    const said = run(
      'zsh',
      String.raw`
      zmodload zsh/zpty
      zpty shell zsh -f -i
      await() { local text; zpty -r shell text "*$1*"; print -r -- $text }
      zpty -w shell 'PS1=; autoload -Uz compinit; compinit -D -u; source script.zsh'
      zpty -w shell 'show() { local line=$BUFFER; BUFFER=; zle -I; print -r -- "became [$line]" }; zle -N show'
      zpty -w shell 'bindkey "^X" show; print -r rea""dy'
      await ready >/dev/null
      zpty -w -n shell "$1"$'\t\C-x'
      await 'became \[*\]'
      zpty -d shell`,
      line,
    );
    return /became \[(.*)\]/.exec(said)?.[1] ?? said;
  }

  it('completes commands, providers, flags and choices', () => {
    expect(completed('slipline disc')).toBe('slipline disconnect ');
    expect(completed('slipline disconnect hpe')).toBe('slipline disconnect hpe-oneview ');
    expect(completed('slipline ls --output=jsonl')).toBe('slipline ls --output=jsonl ');
  });

  it('completes files where one is wanted', () => {
    expect(completed('slipline apply plan')).toBe('slipline apply plan\\ one.json ');
    const flag = 'slipline disconnect hpe-oneview --plan=plan';
    expect(completed(flag)).toBe(`${flag}\\ one.json `);
  });
});
