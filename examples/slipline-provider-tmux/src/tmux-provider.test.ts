import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MemoryLedger, Slipline, type Outcome } from '@slipline/core';
import { tmux, type TmuxOptions } from './index.ts';
import { TmuxServer } from './testing/index.ts';

let server: TmuxServer;
let slipline: Slipline;
beforeEach(() => {
  server = new TmuxServer();
  slipline = sliplineWith();
});
afterEach(async () => {
  delete process.env['TMUX'];
  await slipline[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function sliplineWith(options: TmuxOptions = {}): Slipline {
  return new Slipline({ providers: [tmux(options)], ledger: new MemoryLedger() });
}

const list = (selector: Readonly<Record<string, unknown>>) =>
  slipline.sessions({ provider: 'tmux', selector: { socket: server.socket, ...selector } });

async function disconnect(selector: Readonly<Record<string, unknown>>): Promise<readonly Outcome[]> {
  const plan = await slipline.plan({ provider: 'tmux', selector: { socket: server.socket, ...selector } });
  return (await slipline.apply(plan)).outcomes;
}

describe('the clients of a tmux server', () => {
  it('are listed as people know them', async () => {
    server.startSession('wörk 1');
    const { name } = await server.attach('wörk 1');
    const { sessions } = await list({});
    assert.equal(sessions.length, 1);
    const [session] = sessions;
    assert.match(session?.label ?? '', /^\S+ at \/dev\/\S+, in "wörk 1"$/);
    assert.equal(session?.id, name);
    assert.equal(session?.endpoint, server.socket);
    assert.equal(session?.details['tmuxSession'], 'wörk 1');
    assert.equal(session?.details['processId'], server.clients().get(name));
    assert.ok(Math.abs(Date.now() - Date.parse(session?.openedAt ?? '')) < 60_000);
  });

  it('can be chosen by terminal, in long or short, and by tmux session', async () => {
    server.startSession('one');
    server.startSession('two');
    const one = await server.attach('one');
    const two = await server.attach('two');
    const ids = async (selector: Readonly<Record<string, unknown>>) =>
      (await list(selector)).sessions.map(({ id }) => id);
    assert.deepEqual(await ids({ client: one.name }), [one.name]);
    assert.deepEqual(await ids({ client: [one.name.replace('/dev/', ''), two.name] }), [one.name, two.name]);
    assert.deepEqual(await ids({ tmuxSession: 'two' }), [two.name]);
  });

  it('lose their terminal, one and no other, while the program inside lives on', async () => {
    server.startSession('work');
    const one = (await server.attach('work')).name;
    const before = server.programOf('work');
    server.startSession('other');
    const other = (await server.attach('other')).name;

    const [outcome] = await disconnect({ client: one });

    assert.equal(outcome?.status, 'disconnected');
    assert.equal(outcome?.status === 'disconnected' && outcome.verification, 'verified');
    assert.deepEqual([...server.clients().keys()], [other]);
    assert.equal(server.programOf('work'), before);
    assert.doesNotThrow(() => process.kill(before, 0));
  });

  it('say whose terminal goes when this process runs inside', async () => {
    server.startSession('mine');
    server.startSession('theirs');
    await server.attach('mine');
    await server.attach('theirs');
    process.env['TMUX'] = server.ask(
      'display-message',
      '-p',
      '-t',
      '=mine:',
      '#{socket_path},#{pid},#{s/^.//:session_id}',
    );
    const { sessions } = await list({});
    const callers = sessions.filter(({ isCaller }) => isCaller).map(({ details }) => details['tmuxSession']);
    assert.deepEqual(callers, ['mine']);
  });
});

describe('a request that tmux cannot answer', () => {
  const codes = async (selector: Readonly<Record<string, unknown>>) =>
    (await list(selector)).problems.map(({ error }) => error.code);

  it('names a server that does not run', async () => {
    assert.deepEqual(await codes({ socket: join(tmpdir(), 'no-such-socket') }), ['unreachable']);
    assert.deepEqual(await codes({ socket: 'no-such-name' }), ['unreachable']);
  });

  it('names a terminal that is not attached', async () => {
    server.startSession('work');
    assert.deepEqual(await codes({ client: '/dev/pts/99999' }), ['not-found']);
  });

  it('is refused before tmux sees it when it is no name', async () => {
    for (const selector of [{ client: '-a; kill-server' }, { socket: '../socket' }, { socket: 'a b' }]) {
      await assert.rejects(list(selector), { code: 'invalid-request' });
    }
  });

  it('gives a socket to tmux as one word, whatever is in it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'words-'));
    try {
      assert.deepEqual(await codes({ socket: `${folder}/;touch ${folder}/x` }), ['unreachable']);
      assert.deepEqual(readdirSync(folder), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused where config.json has options that make no sense', () => {
    for (const options of [{ program: 5 }, { programme: 'tmux' }]) {
      assert.throws(() => tmux(options as TmuxOptions), { code: 'invalid-request' });
    }
  });

  it('says that tmux is not installed', async () => {
    slipline = sliplineWith({ program: join(tmpdir(), 'no-such-program') });
    const { problems } = await list({});
    assert.equal(problems[0]?.error.code, 'unsupported');
    assert.equal(problems[0]?.error.next, 'install tmux, then try again');
  });
});

describe('a tmux that misbehaves', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'slipline-tmux-program-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The problems of a list that a shell script answers. */
  async function problemsOf(script: string) {
    const program = join(folder, 'tmux');
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    slipline = sliplineWith({ program });
    const { sessions, problems } = await list({});
    assert.deepEqual(sessions, []);
    return problems.map(({ error }) => error);
  }

  const answers: readonly (readonly [string, string, string])[] = [
    ['prints what is no list', 'echo hello', 'protocol'],
    [
      'prints a list with a field too few',
      'echo "/dev/pts/1:2:3:4:5:root:xterm:80:24:\\$0:work:0:0"',
      'protocol',
    ],
    [
      'prints numbers that are none',
      'echo "/dev/pts/1:x:3:4:5:root:xterm:80:24:\\$0:work:0:0:/s"',
      'protocol',
    ],
    ['prints without end', 'yes', 'protocol'],
    ['fails without a word', 'exit 3', 'protocol'],
    ['may not be asked', 'echo "error connecting to /s (Permission denied)" >&2; exit 1', 'forbidden'],
    ['is of another version', 'echo "server exited unexpectedly" >&2; exit 1', 'protocol'],
  ];
  for (const [what, script, code] of answers) {
    it(`${what}: ${code}`, async () => {
      assert.deepEqual(
        (await problemsOf(script)).map((error) => error.code),
        [code],
      );
    });
  }

  it('is given nothing of the environment but what finds its socket', async () => {
    process.env['SLIPLINE_TEST_SECRET'] = 'hidden';
    const seen = join(folder, 'environment');
    await problemsOf(`env > ${seen}`);
    assert.doesNotMatch(readFileSync(seen, 'utf8'), /hidden|^HOME=/m);
  });
});
