// A newcomer with the command line and a plugin that Slipline has never heard of. Whether a terminal is gone, tmux says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const { tarball, program, testing } = JSON.parse(process.env.SLIPLINE_EXAMPLE);

describe('a plugin from a tarball', () => {
  let home;
  let server;
  let terminal;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'slipline-home-'));
    const { TmuxServer } = await import(pathToFileURL(testing).href);
    server = new TmuxServer();
    server.startSession('work');
    terminal = await server.attach('work');
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  function slipline(...args) {
    const env = { ...process.env, SLIPLINE_HOME: home };
    const options = { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
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

  it('adds its parameters to the help and its name to the completion', () => {
    const { stdout } = succeed('disconnect', 'tmux', '--help');
    assert.match(stdout, /--socket/);
    assert.match(stdout, /--tmux-session/);
    // TODO completion
  });

  it('lists the terminals of a real tmux', () => {
    const [session, ...others] = succeed('ls', 'tmux', '--socket', server.socket, '-o', 'json').json();
    assert.deepEqual(others, []);
    assert.equal(session.id, terminal.name);
    assert.deepEqual(session.effects, ['detach']);
  });

  it('changes nothing in a dry run', () => {
    succeed('disconnect', 'tmux', terminal.name, '--socket', server.socket, '--what-if');
    assert.equal(server.clients().size, 1);
  });

  it('asks before it touches what is somebody else’s', () => {
    assert.equal(slipline('disconnect', 'tmux', terminal.name, '--socket', server.socket).status, 2);
    assert.equal(server.clients().size, 1);
  });

  it('detaches, and what runs inside lives on', () => {
    const program = server.programOf('work');
    const { name } = terminal;
    const [outcome] = succeed(
      'disconnect',
      'tmux',
      name,
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
    assert.match(succeed('history', '-o', 'json').stdout, new RegExp(`"id": ?"${terminal.name}|tmux`));
  });

  it('is removed', () => {
    succeed('plugins', 'remove', 'slipline-provider-tmux');
    assert.equal(slipline('ls', 'tmux').status, 2);
  });
});
