import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from './command-line.ts';

function refusalOf(argv: readonly unknown[]): unknown {
  try {
    return parseCommandLine(argv.filter((word) => typeof word === 'string'));
  } catch (error) {
    return error;
  }
}

describe('the command line', () => {
  it('serves where nothing is said', () => {
    expect(parseCommandLine([])).toMatchObject({ command: 'serve', isLab: false });
    expect(parseCommandLine(['serve', '--lab', '--port', '0'])).toMatchObject({ isLab: true, port: '0' });
    expect(parseCommandLine(['--port=0'])).toMatchObject({ command: 'serve', port: '0' });
  });

  it('takes lists by commas and by several flags', () => {
    expect(parseCommandLine(['--name', 'a, b', '--name', 'c', '--behind-proxy', '10.0.0.0/8'])).toMatchObject(
      {
        name: ['a', 'b', 'c'],
        behindProxy: ['10.0.0.0/8'],
      },
    );
  });

  it('makes keys', () => {
    const line = ['keys', 'create', '--user', 'olga', '--role', 'operator', '--scope', 'wsman:server*'];
    expect(parseCommandLine([...line, '--expires', '30d'])).toEqual({
      command: 'keys',
      words: ['create'],
      user: 'olga',
      role: 'operator',
      scope: ['wsman:server*'],
      expires: '30d',
    });
  });

  it('helps', () => {
    for (const argv of [['--help'], ['-h'], ['help'], ['serve', '--help'], ['keys', '--help']])
      expect(parseCommandLine(argv)).toEqual({ command: 'help' });
    expect(parseCommandLine(['serve', '--version'])).toEqual({ command: 'version' });
  });

  it.each([
    ['--prot'],
    ['--port'],
    ['sevre'],
    ['serve', 'x'],
    ['--lab=yes'],
    ['keys', '--port', '1'],
    ['-x'],
  ])('refuses %s %s', (...argv) => {
    expect(refusalOf(argv)).toMatchObject({ code: 'invalid-request', next: 'slipline-http --help' });
  });
});
