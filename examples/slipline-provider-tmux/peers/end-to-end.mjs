// A newcomer with the command line and a plugin that Slipline has never heard of. Whether a terminal is gone, tmux says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const { tarball, program, testing } = JSON.parse(process.env.SLIPLINE_EXAMPLE);

describe('a plugin from a tarball', () => {
  let home;
  let server;
  let terminal;
  let environment;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'slipline-home-'));
    const { TmuxServer } = await import(pathToFileURL(testing).href);
    server = new TmuxServer();
    server.startSession('work');
    terminal = (await server.attach('work')).name;
    const path = [join(dirname(program), '../../../.bin'), process.env.PATH].join(delimiter);
    environment = { ...process.env, PATH: path, SLIPLINE_HOME: home };
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  function slipline(...args) {
    const options = { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
    return { status, stdout, stderr, json: () => JSON.parse(stdout) };
  }

  function succeed(...args) {
    const result = slipline(...args);
    assert.equal(result.status, 0, `slipline ${args.join(' ')}\n${result.stdout}${result.stderr}`);
    return result;
  }

  it('is unknown before it is added', () => {
    assert.equal(slipline('ls', 'tmux').status, 2);
  });

  it('is added, and listed among plugins and providers', () => {
    succeed('plugins', 'add', tarball);
    assert.match(succeed('plugins', 'list').stdout, /slipline-provider-tmux/);
    assert.match(succeed('providers').stdout, /\btmux\b/);
  });

  it('adds its parameters to the help', () => {
    const { stdout } = succeed('disconnect', 'tmux', '--help');
    assert.match(stdout, /--socket/);
    assert.match(stdout, /--tmux-session/);
  });

  it('adds its name and its parameters to what a shell completes', () => {
    const completed = (line) => {
      const script = `
        source <(slipline completion bash)
        COMP_LINE=$1; COMP_POINT=\${#1}; COMP_WORDS=($1); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
        _slipline
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      const options = { env: environment, encoding: 'utf8' };
      return spawnSync('bash', ['-c', script, 'bash', line], options).stdout.split('\n');
    };
    assert.ok(completed('slipline ls tm').some((word) => word.trimEnd() === 'tmux'));
    assert.ok(completed('slipline disconnect tmux --so').some((word) => word.trimEnd() === '--socket'));
  });

  it('lists the terminals of a real tmux', () => {
    const [session, ...others] = succeed('ls', 'tmux', '--socket', server.socket, '-o', 'json').json();
    assert.deepEqual(others, []);
    assert.equal(session.id, terminal);
    assert.deepEqual(session.effects, ['detach']);
  });

  it('changes nothing in a dry run', () => {
    succeed('disconnect', 'tmux', terminal, '--socket', server.socket, '--what-if');
    assert.equal(server.clients().size, 1);
  });

  it('asks before it touches what is somebody else’s', () => {
    assert.equal(slipline('disconnect', 'tmux', terminal, '--socket', server.socket).status, 2);
    assert.equal(server.clients().size, 1);
  });

  it('detaches, and what runs inside lives on', () => {
    const program = server.programOf('work');
    const [outcome] = succeed(
      'disconnect',
      'tmux',
      terminal,
      '--socket',
      server.socket,
      '--yes',
      '-o',
      'json',
    ).json();
    assert.equal(outcome.status, 'disconnected');
    assert.equal(outcome.verification, 'verified');
    assert.equal(server.clients().size, 0);
    assert.equal(server.programOf('work'), program);
    assert.doesNotThrow(() => process.kill(program, 0));
  });

  it('says what is wrong with a server that does not run', () => {
    const { status, stderr } = slipline('ls', 'tmux', '--socket', join(home, 'no-such-socket'));
    assert.equal(status, 6);
    assert.match(stderr, /unreachable: no tmux server listens there/);
  });

  it('leaves a receipt', () => {
    const [receipt] = succeed('history', '-o', 'json').json();
    assert.equal(receipt.session.id, terminal);
    assert.equal(receipt.status, 'disconnected');
  });

  it('is removed', () => {
    succeed('plugins', 'remove', 'slipline-provider-tmux');
    assert.equal(slipline('ls', 'tmux').status, 2);
  });
});
