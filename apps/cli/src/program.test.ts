import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { CommandLine, UNSAFE } from './command-line.test.support.ts';

jest.setTimeout(30_000);

let cli: CommandLine;
beforeAll(async () => {
  cli = await CommandLine.start();
  await cli.connect();
});
afterAll(() => cli[Symbol.asyncDispose]());

describe('the program', () => {
  it('answers any command line in words, without a stack and without a fault', async () => {
    // Not `help`: it imports modules at once, which jest sometimes fails to link; processes of their own show it.
    const first = fc.constantFrom(
      'ls',
      'disconnect',
      'apply',
      'access',
      'history',
      'providers',
      'trust',
      'dance',
    );
    const word = fc.oneof(
      fc.constantFrom(
        'hpe-oneview',
        '-',
        '--',
        '-n',
        '--what-if',
        '--all',
        '-o',
        'json',
        '--query',
        '[]',
        'connect',
        '9',
      ),
      fc.constantFrom(
        '--reason',
        '--since',
        '1d',
        '--limit',
        '0',
        '--format',
        '--show',
        '--plan',
        '--timeout',
        '1ms',
      ),
      fc.string({ maxLength: 10 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(
        first,
        fc.array(word, { maxLength: 6 }),
        fc.string({ maxLength: 20 }),
        async (command, more, stdin) => {
          const { code, stdout, stderr } = await cli.run([command, ...more], { stdin });
          const said = JSON.stringify({ argv: [command, ...more], stdout, stderr });
          expect({ said, isFault: code === 1 }).toEqual({ said, isFault: false });
          expect(stdout + stderr).not.toMatch(UNSAFE);
          expect(stderr).not.toMatch(/^ {4}at /m);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('shows an overview to somebody who types nothing, and calls it wrong usage', async () => {
    const { code, stdout } = await cli.run([]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/A first session\n {2}slipline connect hpe-oneview/);
    expect(await cli.run(['help'])).toEqual({ code: 0, stdout, stderr: '' });
    expect(await cli.run(['--help'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('explains every command, and its examples are command lines', async () => {
    const { stdout } = await cli.run(['help']);
    const [, list = ''] = /Commands\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
    const names = list.split('\n').map((line) => line.trim().split(' ')[0] ?? '');
    expect(names).toContain('disconnect');
    for (const name of names) {
      const help = await cli.run(['help', name]);
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toMatch(new RegExp(`^slipline ${name}`));
      expect(Math.max(...help.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    }
  });

  it('explains the parameters of a provider', async () => {
    const { stdout } = await cli.run(['help', 'connect', 'hpe-oneview']);
    expect(stdout).toMatch(/^slipline connect hpe-oneview HOST\n/);
    expect(stdout).toMatch(/--user-name NAME .*\n(.*\n)*.*--password-stdin/);
    expect((await cli.run(['connect', 'hpe-oneview', '--help'])).stdout).toBe(stdout);
    expect((await cli.run(['help', 'disconnect', 'hpe-oneview'])).stdout).not.toContain('--others');
  });

  it.each([
    [['help', 'dance'], /there is no command "dance"/],
    [['help', 'connect', 'nobody'], /there is no provider "nobody"/],
    [['help', 'connect', 'hpe-oneview', 'more'], /help is about a command/],
  ])('has no help for %j', async (argv, message) => {
    expect(await cli.run(argv)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });

  it('says what is wrong with a config.json, whatever is asked', async () => {
    cli.configure({ plugins: 7 });
    const { code, stderr } = await cli.run(['ls']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^invalid-request: .*config\.json/),
    });
    cli.configure({});
  });

  it('prints errors as one object, also of a command line that cannot be read', async () => {
    for (const argv of [
      ['ls', '--nonsense', '-o', 'json'],
      ['-o=json', 'dance'],
      ['dance', '--output', 'jsonl'],
    ]) {
      const { stderr } = await cli.run(argv);
      expect(JSON.parse(stderr)).toMatchObject({ code: 'invalid-request', next: expect.any(String) });
    }
    const environment = { SLIPLINE_OUTPUT: 'json' };
    expect(JSON.parse((await cli.run(['dance'], { environment })).stderr)).toMatchObject({
      code: 'invalid-request',
    });
  });
});
