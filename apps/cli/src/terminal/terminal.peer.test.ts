import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { CommandLine, PASSWORD } from '../command-line.test.support.ts';
import { ENTRY } from '../own-program.ts';

// Questions at a real terminal: script(1) gives the program one, and passes on what is typed.

jest.setTimeout(30_000);

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start(['ov1.example', 'ov2.example']);
});
afterEach(() => cli[Symbol.asyncDispose]());

/** A shell command at a terminal of its own, and somebody who types. */
class Typist {
  readonly #child: ChildProcess;
  readonly ended: Promise<number>;
  #waiting: (() => void)[] = [];
  /** Everything that was to be seen. */
  seen = '';

  constructor(command: string) {
    const environment = { ...cli.environment, PATH: process.env['PATH'], TERM: 'xterm' };
    this.#child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...environment, NODE: process.execPath, ENTRY },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.seen += text;
      for (const look of this.#waiting) look();
    });
    this.ended = new Promise((resolve) => this.#child.on('close', (code) => resolve(code ?? -1)));
  }

  /** Types as soon as the text is to be seen. */
  async typeAfter(text: string, keys: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => void (this.seen.includes(text) && resolve());
      this.#waiting.push(look);
      look();
    });
    this.#child.stdin?.write(keys);
  }
}

const CONNECT = '"$NODE" "$ENTRY" connect hpe-oneview ov1.example';

describe('a terminal', () => {
  it('is asked for user name and password, and shows only the one', async () => {
    const typist = new Typist(`${CONNECT}; stty -a`);
    await typist.typeAfter('User name for ov1.example: ', 'Administrator\r');
    await typist.typeAfter('Password of Administrator for ov1.example: ', `x\u0015${PASSWORD}!\u007f\r`);
    expect(await typist.ended).toBe(0);
    expect(typist.seen).toContain('connected: Administrator on ov1.example');
    expect(typist.seen).not.toContain(PASSWORD);
    expect(typist.seen).toMatch(/ icanon .* echo /s);
    expect(cli.appliance().openSessionCount).toBe(1);
  });

  it('works again after Ctrl-C at the password', async () => {
    const typist = new Typist(`${CONNECT} --user-name Administrator; echo "code $?"; stty -a`);
    await typist.typeAfter('Password of Administrator', 'half\u0003');
    await typist.ended;
    expect(typist.seen).toContain('code 130');
    expect(typist.seen).toMatch(/ icanon .* echo /s);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('is asked although sessions come from a pipe', async () => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    const typist = new Typist('"$NODE" "$ENTRY" ls -o json | "$NODE" "$ENTRY" disconnect -');
    await typist.typeAfter('Go on? (2 sessions would go) [y/N] ', 'y\r');
    expect(await typist.ended).toBe(0);
    expect(
      cli.appliance('ov1.example').openSessionCount + cli.appliance('ov2.example').openSessionCount,
    ).toBe(0);
  });

  it('declines with Enter', async () => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    const typist = new Typist('"$NODE" "$ENTRY" disconnect hpe-oneview 1 2');
    await typist.typeAfter('[y/N] ', '\r');
    expect(await typist.ended).toBe(0);
    expect(cli.appliance('ov1.example').openSessionCount).toBe(1);
  });

  it('sees what is being done, and colours unless told otherwise', async () => {
    await cli.connect();
    const typist = new Typist('"$NODE" "$ENTRY" ls; "$NODE" "$ENTRY" disconnect hpe-oneview');
    expect(await typist.ended).toBe(0);
    expect(typist.seen).toContain('\u001b[1mSESSION');
    expect(typist.seen).toContain('\r\u001b[Kdisconnecting Administrator on ov1.example');
    const plain = new Typist('NO_COLOR=1 "$NODE" "$ENTRY" history');
    await plain.ended;
    expect(plain.seen).toMatch(/^WHEN/);
  });

  it('is not shown a secret unless that is asked for', async () => {
    await cli.connect();
    const typist = new Typist('"$NODE" "$ENTRY" access hpe-oneview');
    expect(await typist.ended).toBe(2);
    for (const canary of cli.canaries()) expect(typist.seen).not.toContain(canary);
  });
});
