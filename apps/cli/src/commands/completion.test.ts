import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMPLETION_SCRIPTS } from '../completion/completion-scripts.ts';
import { runCommand } from '../context.test.support.ts';
import { completion } from './completion.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipline-completion-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('prints the script of each shell, and names the shells', async () => {
  for (const [shell, script] of Object.entries(COMPLETION_SCRIPTS)) {
    const { code, stdout } = await runCommand(completion, { positionals: [shell] }, { folder });
    expect([code, stdout]).toEqual([0, script]);
    expect(script).toContain('slipline __complete');
  }
  for (const positionals of [[], ['tcsh'], ['bash', 'zsh'], ['constructor']]) {
    await expect(runCommand(completion, { positionals }, { folder })).rejects.toMatchObject({
      next: 'slipline completion bash | zsh | fish | powershell',
    });
  }
});

/** As bash calls the function: the line, the cursor, and the words as it has split them at blanks, ":" and "=". */
function bash(
  line: string,
  words: readonly string[],
  candidates: readonly string[],
  cursor = line.length,
): object {
  const script = `
    ${COMPLETION_SCRIPTS.bash}
    slipline() { printf '%s\\n' "\${@:3}" >&3; cat; }
    COMP_LINE=$1 COMP_POINT=$2 COMP_WORDS=("\${@:3}") COMP_CWORD=$(($# - 3))
    _slipline 3>"$ASKED" <<<"$CANDIDATES"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const asked = join(folder, 'asked');
  const stdout = execFileSync('bash', ['--norc', '-c', script, 'bash', line, String(cursor), ...words], {
    encoding: 'utf8',
    env: { ...process.env, ASKED: asked, CANDIDATES: candidates.join('\n') },
  });
  const said = execFileSync('cat', [asked], { encoding: 'utf8' });
  return { asked: said.split('\n').slice(0, -1), offered: stdout.split('\n').slice(0, -1) };
}

describe('the script for bash', () => {
  it('asks with the words before the cursor, and drops the hints', () => {
    expect(bash('slipline con', ['slipline', 'con'], ['connect\topen a session'])).toEqual({
      asked: ['con'],
      offered: ['connect'],
    });
    expect(bash('slipline  ls ', ['slipline', 'ls', ''], ['a', 'b'])).toEqual({
      asked: ['ls', ''],
      offered: ['a', 'b'],
    });
    expect(bash('slipline di x', ['slipline', 'di'], ['disconnect'], 11)).toMatchObject({ asked: ['di'] });
  });

  it('puts together what bash splits, and answers with the last piece only', () => {
    expect(
      bash('slipline ls --output=js', ['slipline', 'ls', '--output', '=', 'js'], ['--output=json']),
    ).toEqual({
      asked: ['ls', '--output=js'],
      offered: ['json'],
    });
    expect(
      bash('slipline disconnect ov:', ['slipline', 'disconnect', 'ov', ':', ''], ['ov:1', 'ov:2']),
    ).toEqual({
      asked: ['disconnect', 'ov:'],
      offered: ['1', '2'],
    });
  });

  it('quotes what a shell would run', () => {
    const name = 'a b;$(touch x)`id`';
    const { offered } = bash('slipline ls x ', ['slipline', 'ls', 'x', ''], [name]) as { offered: string[] };
    expect(execFileSync('bash', ['-c', `printf %s ${offered[0] ?? ''}`], { encoding: 'utf8' })).toBe(name);
  });

  it('offers files where it is told to', () => {
    const { offered } = bash('slipline apply /et', ['slipline', 'apply', '/et'], [':files']) as {
      offered: string[];
    };
    expect(offered).toContain('/etc');
  });
});

it.each(['bash', 'zsh', 'fish'] as const)(
  'the script for %s is well-formed, where that shell can say so',
  (shell) => {
    const file = join(folder, shell);
    writeFileSync(file, COMPLETION_SCRIPTS[shell]);
    const { status, stderr, error } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    const isThere = error === undefined;
    expect(isThere ? [status, stderr] : (error as NodeJS.ErrnoException).code).toEqual(
      isThere ? [0, ''] : 'ENOENT',
    );
  },
);
