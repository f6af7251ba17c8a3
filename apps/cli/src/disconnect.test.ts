import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { faults, HOSTILE_TEXT } from '@slipline/hpe-oneview/testing';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { CommandLine, ScriptedTerminal, UNSAFE } from './command-line.test.support.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start(['ov1.example', 'ov2.example', 'ov3.example']);
});
afterEach(() => cli[Symbol.asyncDispose]());

/** One session on each of the first so many appliances. */
async function connected(count: number): Promise<void> {
  for (const name of ['ov1.example', 'ov2.example', 'ov3.example'].slice(0, count)) await cli.connect(name);
}

/** Which appliances still have a session, as they say themselves. */
function live(): readonly string[] {
  return ['ov1', 'ov2', 'ov3'].filter((name) => cli.appliance(`${name}.example`).openSessionCount > 0);
}

function writes(): number {
  return ['ov1', 'ov2', 'ov3']
    .map((name) => cli.appliance(`${name}.example`).requestCounts.get('DELETE /rest/login-sessions') ?? 0)
    .reduce((sum, count) => sum + count);
}

describe('disconnect', () => {
  it('ends the default session, verifies it, and says so in one line', async () => {
    await connected(2);
    expect(await cli.run(['disconnect', 'hpe-oneview'])).toEqual({
      code: 0,
      stdout: 'ended: Administrator on ov1.example (hpe-oneview:1), verified\n',
      stderr: '',
    });
    expect(live()).toEqual(['ov2']);
  });

  it.each([
    ['a number', ['hpe-oneview', '2'], ['ov1', 'ov3']],
    ['a name', ['hpe-oneview', 'OV2.example'], ['ov1', 'ov3']],
    ['an address', ['hpe-oneview:2'], ['ov1', 'ov3']],
    ['a flag', ['hpe-oneview', '--appliance', 'ov2.example'], ['ov1', 'ov3']],
    ['an alias of a flag', ['hpe-oneview', '--appliance-connection=2'], ['ov1', 'ov3']],
    ['several words', ['hpe-oneview', '1', 'ov3.example', '--yes'], ['ov2']],
    ['several addresses', ['hpe-oneview:1', 'hpe-oneview:3', '--yes'], ['ov2']],
    ['a list with commas', ['hpe-oneview', '--appliance', '1,ov3.example', '-y'], ['ov2']],
    ['a flag given twice', ['hpe-oneview', '--hostname', '1', '--hostname', '3', '-y'], ['ov2']],
    ['words behind --', ['hpe-oneview', '--yes', '--', '1', '3'], ['ov2']],
    ['everything', ['hpe-oneview', '--all', '--confirm-name', 'hpe-oneview'], []],
  ])('takes %s', async (_what, argv, left) => {
    await connected(3);
    const { code, stderr } = await cli.run(['disconnect', ...argv]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(live()).toEqual(left);
  });

  it('goes on when one name is wrong, and says which', async () => {
    await connected(2);
    const { code, stdout, stderr } = await cli.run([
      'disconnect',
      'hpe-oneview',
      '1',
      'ov9.example',
      '2',
      '-y',
    ]);
    expect(code).toBe(4);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stderr).toMatch(
      /^not-found: no session matches .*"ov9\.example".*\nnext: slipline ls hpe-oneview/,
    );
    expect(live()).toEqual([]);
  });

  it('says that there is nothing to disconnect', async () => {
    const { code, stdout, stderr } = await cli.run(['disconnect', 'hpe-oneview']);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'There is nothing to disconnect.\n',
    });
    expect((await cli.run(['disconnect', 'hpe-oneview', '--require-match'])).code).toBe(4);
  });

  it('counts a session that is gone already as success, and says so', async () => {
    await connected(1);
    const [session] = cli.appliance().sessions();
    cli.appliance().endSession(session?.token ?? '');
    const { code, stdout } = await cli.run(['disconnect', 'hpe-oneview']);
    expect(code).toBe(0);
    expect(stdout).toBe('already gone: Administrator on ov1.example (hpe-oneview:1)\n');
    expect((await cli.run(['ls', '-o', 'jsonl'])).stdout).toBe('');
  });

  it('reports outcomes as JSON', async () => {
    await connected(1);
    const { stdout } = await cli.run(['disconnect', 'hpe-oneview', '-o', 'json', '--reason', 'CHG-1']);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        session: { provider: 'hpe-oneview', endpoint: 'ov1.example', id: '1' },
        status: 'disconnected',
        effect: 'end',
        verification: 'verified',
        residual: [],
      },
    ]);
    const history = JSON.parse(
      (await cli.run(['history', '-o', 'json', '--kind', 'disconnect'])).stdout,
    ) as unknown;
    expect(history).toMatchObject([{ status: 'disconnected', reason: 'CHG-1', verification: 'verified' }]);
  });

  it('does not ask the system again with --no-verify, and says so', async () => {
    await connected(1);
    cli.appliance().clearRequests();
    const { stdout } = await cli.run(['disconnect', 'hpe-oneview', '--no-verify']);
    expect(stdout).toBe('ended: Administrator on ov1.example (hpe-oneview:1), not checked\n');
    expect(cli.appliance().requestCounts.get('GET /rest/sessions')).toBeUndefined();
  });

  it('exits with 7 for what could not be verified where that is required', async () => {
    await connected(1);
    cli.appliance().inject(faults.serverError(), { method: 'GET', path: '/rest/sessions' });
    const argv = ['disconnect', 'hpe-oneview', '--require-verified', '--timeout', '500ms'];
    const { code, stdout } = await cli.run(argv);
    expect({ code, stdout }).toMatchObject({ code: 7, stdout: expect.stringContaining('not verified yet') });
    expect(live()).toEqual([]);
  });

  it('fails when the server says yes and the session stays', async () => {
    await connected(1);
    cli.appliance().inject(faults.lyingLogout(), { method: 'DELETE', path: '/rest/login-sessions' });
    const { code, stdout, stderr } = await cli.run(['disconnect', 'hpe-oneview', '--timeout', '500ms']);
    expect(code).toBe(3);
    expect(stdout).toBe('failed: Administrator on ov1.example (hpe-oneview:1): still-live\n');
    expect(stderr).toMatch(/^still-live: .*\nnext: /);
    expect(live()).toEqual(['ov1']);
  });

  it.each([
    ['a server error', () => faults.serverError(), 3],
    ['a proxy’s page', () => faults.badGateway(), 3],
    ['a body that is no JSON', () => faults.notJson(), 3],
    ['an answer that never comes', () => faults.hang(), 6],
    ['a reset', () => faults.resetBefore(), 6],
  ])('keeps a session in the ledger after %s', async (_what, fault, expected) => {
    await connected(1);
    const scope = { method: 'DELETE', path: '/rest/login-sessions' };
    const active = cli.appliance().inject(fault(), scope);
    const { code, stderr } = await cli.run(['disconnect', 'hpe-oneview', '--timeout', '500ms']);
    expect(code).toBe(expected);
    expect(stderr).toMatch(/^[a-z-]+: .*\(ov1\.example/);
    expect((await cli.run(['ls', '-o', 'json', '--query', '[].id'])).stdout).toBe('[\n  "1"\n]\n');
    active.remove();
    active.release();
    expect((await cli.run(['disconnect', 'hpe-oneview', '1'])).code).toBe(0);
    expect(live()).toEqual([]);
  });

  it('gives one kind of failure its own code, and mixed ones 3', async () => {
    await connected(3);
    cli.appliance('ov1.example').inject(faults.hang(), { method: 'DELETE' });
    cli.appliance('ov2.example').inject(faults.serverError(), { method: 'DELETE' });
    const argv = [
      'disconnect',
      'hpe-oneview',
      '--all',
      '--confirm-name',
      'hpe-oneview',
      '--timeout',
      '500ms',
    ];
    const { code, stdout } = await cli.run([...argv, '-o', 'jsonl', '--query', '[].status']);
    expect(code).toBe(3);
    expect(stdout.trim().split('\n').sort()).toEqual(['"disconnected"', '"failed"', '"failed"']);
    expect(live()).toEqual(['ov1', 'ov2']);
  });

  it('prints one object on stderr with -o json, whatever the number of failures', async () => {
    const { code, stdout, stderr } = await cli.run(['disconnect', 'hpe-oneview', '7', '8', '-o', 'json']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '[]\n' });
    const error = JSON.parse(stderr) as { code: string; others: readonly unknown[] };
    expect(error).toMatchObject({ code: 'not-found', others: [{ code: 'not-found' }] });
  });
});

describe('what if', () => {
  it.each(['--what-if', '-n', '--dry-run'])(
    '%s says what would be done, and touches nothing',
    async (flag) => {
      await connected(2);
      const before = (await cli.run(['ls', '-o', 'json'])).stdout;
      const requests = cli.appliance().requestCount;
      const { code, stdout, stderr } = await cli.run(['disconnect', 'hpe-oneview', '--all', flag]);
      expect(code).toBe(0);
      expect(stdout).toBe(
        'would end Administrator on ov1.example (hpe-oneview:1)\nwould end Administrator on ov2.example (hpe-oneview:2)\n',
      );
      expect(stderr).toMatch(/^It would ask first: /);
      expect(cli.appliance().requestCount).toBe(requests);
      expect((await cli.run(['ls', '-o', 'json'])).stdout).toBe(before);
      expect(live()).toEqual(['ov1', 'ov2']);
    },
  );

  it('says what was named and is not there', async () => {
    const { code, stderr } = await cli.run(['disconnect', 'hpe-oneview', '9', '-n']);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^not-found: /);
  });

  it('prints a plan as JSON, which can be piped on', async () => {
    await connected(1);
    const { stdout } = await cli.run(['disconnect', 'hpe-oneview', '-n', '-o', 'json']);
    expect((await cli.run(['apply', '-'], { stdin: stdout })).code).toBe(0);
    expect(live()).toEqual([]);
  });
});

describe('a confirmation', () => {
  it('is asked for at the terminal, with what would go', async () => {
    await connected(2);
    const terminal = new ScriptedTerminal('y');
    const { code } = await cli.run(['disconnect', 'hpe-oneview', '1', '2'], { terminal });
    expect(code).toBe(0);
    expect(terminal.questions).toEqual([
      '  end Administrator on ov1.example (hpe-oneview:1)\n  end Administrator on ov2.example (hpe-oneview:2)\nGo on? (2 sessions would go)',
    ]);
    expect(live()).toEqual([]);
  });

  it('declined leaves everything, and is no failure', async () => {
    await connected(2);
    const terminal = new ScriptedTerminal('');
    const { code, stdout } = await cli.run(['disconnect', 'hpe-oneview', '1', '2'], { terminal });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped: .*: not confirmed\nskipped: /);
    expect({ live: live(), writes: writes() }).toEqual({ live: ['ov1', 'ov2'], writes: 0 });
  });

  it('that nobody can give is an error that names the flag', async () => {
    await connected(2);
    const { code, stderr } = await cli.run(['disconnect', 'hpe-oneview', '1', '2']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^invalid-request: a confirmation is needed: 2 sessions would go\nnext: .*--yes/);
    expect({ live: live(), writes: writes() }).toEqual({ live: ['ov1', 'ov2'], writes: 0 });
  });

  it('of everything everywhere wants a name, for which --yes is not enough', async () => {
    await connected(2);
    const all = ['disconnect', 'hpe-oneview', '--all', '--yes'];
    const { code, stderr } = await cli.run(all);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--confirm-name hpe-oneview\n$/);
    expect((await cli.run([...all, '--confirm-name', 'wsman'])).code).toBe(2);
    const wrong = new ScriptedTerminal('no');
    expect((await cli.run(all, { terminal: wrong })).stdout).toMatch(/^skipped: /);
    expect({ live: live(), writes: writes() }).toEqual({ live: ['ov1', 'ov2'], writes: 0 });
    expect((await cli.run(all, { terminal: new ScriptedTerminal('hpe-oneview') })).code).toBe(0);
    expect(live()).toEqual([]);
  });

  it('is given for the sessions as they are now, not for those of the plan', async () => {
    await connected(2);
    const terminal = new ScriptedTerminal('y');
    const plan = (await cli.run(['disconnect', 'hpe-oneview', '1', '2', '-n', '-o', 'json'])).stdout;
    await cli.run(['disconnect', 'hpe-oneview', '1']);
    const { code, stdout } = await cli.run(['apply', '-'], { stdin: plan, terminal });
    expect(code).toBe(0);
    expect(stdout).toMatch(/already gone: .*ov1[\s\S]*ended: .*ov2/);
    expect(terminal.questions).toEqual([]);
  });
});

describe('sessions from a pipe', () => {
  const bom = '\ufeff';

  it.each([
    ['an array', (text: string) => text],
    ['an array with a BOM', (text: string) => bom + text],
    ['UTF-16LE with a BOM', (text: string) => Buffer.from(bom + text, 'utf16le')],
    ['UTF-16LE without one', (text: string) => Buffer.from(text, 'utf16le')],
    [
      'JSON Lines with Windows line ends',
      (text: string) => (JSON.parse(text) as unknown[]).map((one) => `${JSON.stringify(one)}\r\n`).join(''),
    ],
    [
      'outcomes',
      (text: string) => JSON.stringify((JSON.parse(text) as unknown[]).map((session) => ({ session }))),
    ],
    [
      'bare references',
      (text: string) =>
        JSON.stringify(
          (JSON.parse(text) as { provider: string; endpoint: string; id: string }[]).map(
            ({ provider, endpoint, id }) => ({ provider, endpoint, id: Number(id) }),
          ),
        ),
    ],
  ])('are read as %s', async (_form, form) => {
    await connected(2);
    const { stdout } = await cli.run(['ls', '-o', 'json']);
    const { code, stderr } = await cli.run(['disconnect', '-', '--yes'], { stdin: form(stdout) });
    expect({ code, stderr, live: live() }).toEqual({ code: 0, stderr: '', live: [] });
  });

  it('may be one', async () => {
    await connected(2);
    const { stdout } = await cli.run(['ls', '-o', 'json', '--query', '[0]']);
    expect((await cli.run(['disconnect', '-'], { stdin: stdout })).code).toBe(0);
    expect(live()).toEqual(['ov2']);
  });

  it('may be none', async () => {
    expect((await cli.run(['disconnect', '-'], { stdin: '' })).code).toBe(0);
    expect((await cli.run(['disconnect', '-', '--require-match'], { stdin: '[]' })).code).toBe(4);
  });

  it('are refused where their number is in use again', async () => {
    await connected(1);
    const { stdout } = await cli.run(['ls', '-o', 'json']);
    await cli.run(['disconnect', 'hpe-oneview']);
    await connected(1);
    const { code, stderr } = await cli.run(['disconnect', '-'], { stdin: stdout });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^changed: /);
    expect(live()).toEqual(['ov1']);
  });

  it('lend no rights: what they claim is not believed', async () => {
    await connected(1);
    const { stdout } = await cli.run(['ls', '-o', 'json']);
    const claimed = (JSON.parse(stdout) as object[]).map((one) => ({
      ...one,
      effects: ['revoke'],
      ownership: 'foreign',
    }));
    const { code, stderr } = await cli.run(['disconnect', '-', '--effect', 'revoke', '--yes'], {
      stdin: JSON.stringify(claimed),
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^unsupported: .*does not offer "revoke"/);
    expect(live()).toEqual(['ov1']);
  });

  it.each([
    ['text', 'hello', /stdin: this is neither JSON nor JSON Lines/],
    ['half a file', '[{"provider":"hpe-oneview","end', /neither JSON nor JSON Lines/],
    ['a broken line', '{"provider":"a","endpoint":"b","id":"1"}\n{"prov', /stdin, line 2: /],
    ['a number', '7', /session 1 is not an object/],
    [
      'a session without an id',
      '[{"provider":"hpe-oneview","endpoint":"ov1.example"}]',
      /session 1\.id is not a text/,
    ],
  ])('are refused when they are %s', async (_what, stdin, message) => {
    const { code, stdout, stderr } = await cli.run(['disconnect', '-', '-y'], { stdin });
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('refuses what is endless', async () => {
    const stdin = Buffer.alloc(65 * 1024 * 1024, ' ');
    const { code, stderr } = await cli.run(['disconnect', '-'], { stdin });
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'invalid-request: stdin holds more than 64 MB\n' });
  });

  it('leave no stdin for a password', async () => {
    const { code, stderr } = await cli.run(['disconnect', '-', '--password-stdin'], { stdin: '[]' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/next: use --password-file FILE or --password-env VARIABLE instead/);
  });
});

describe('a plan', () => {
  it('is written for this user alone, and applied later', async () => {
    await connected(2);
    const file = cli.path('plan.json');
    const made = await cli.run(['disconnect', 'hpe-oneview', '1', '2', '--plan', file]);
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining(`slipline apply ${file}`) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(writes()).toBe(0);
    expect((await cli.run(['apply', file, '--what-if'])).stdout).toMatch(
      /would end .*ov1.*\nwould end .*ov2/,
    );
    expect((await cli.run(['apply', file])).code).toBe(2);
    expect(live()).toEqual(['ov1', 'ov2']);
    expect((await cli.run(['apply', file, '--yes'])).code).toBe(0);
    expect(live()).toEqual([]);
    expect((await cli.run(['apply', file, '--yes'])).stdout).toMatch(/^already gone: .*\nalready gone: /);
  });

  it('edited by hand touches what it names, and nothing by what it claims', async () => {
    await connected(2);
    const file = cli.path('plan.json');
    await cli.run(['disconnect', 'hpe-oneview', '1', '--plan', file]);
    const plan = JSON.parse(readFileSync(file, 'utf8')) as { steps: { session: Record<string, unknown> }[] };
    const edit = (session: Record<string, unknown>): void => {
      const steps = plan.steps.map((step) => ({ ...step, session: { ...step.session, ...session } }));
      writeFileSync(file, JSON.stringify({ ...plan, steps }));
    };
    edit({ fingerprint: 'ff'.repeat(32) });
    expect(await cli.run(['apply', file])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^changed: /),
    });
    edit({ id: '2', endpoint: 'ov2.example' });
    expect(await cli.run(['apply', file])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^changed: /),
    });
    edit({ provider: 'nobody' });
    expect(await cli.run(['apply', file])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^unknown-provider: /),
    });
    edit({ endpoint: 'ov9.example' });
    expect((await cli.run(['apply', file])).stdout).toMatch(/^already gone: /);
    expect({ live: live(), writes: writes() }).toEqual({ live: ['ov1', 'ov2'], writes: 0 });
  });

  it.each([
    ['{"version":2}', /the plan has a version other than 1/],
    ['{"version":1,"createdAt":"now","steps":[{"effect":"explode"}]}', /steps\[0\]\.effect is not an effect/],
    ['[]', /the plan is not an object/],
    ['{', /neither JSON/],
  ])('%s is refused', async (text, message) => {
    const file = cli.path('plan.json');
    writeFileSync(file, text);
    const { code, stderr } = await cli.run(['apply', file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('that is not there is refused', async () => {
    expect(await cli.run(['apply', '/not/there'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^invalid-request: \/not\/there: there is no such file\n/),
    });
    expect((await cli.run(['apply'])).code).toBe(2);
  });
});

describe('text from a server', () => {
  it('is harmless wherever it is printed', async () => {
    cli.appliance().configure({ users: [{ userName: 'Administrator', password: 'Canary-0f6b-password' }] });
    await connected(1);
    const deny = faults.error(500, 'INTERNAL', HOSTILE_TEXT, HOSTILE_TEXT);
    cli.appliance().inject(deny, { method: 'DELETE', path: '/rest/login-sessions' });
    for (const format of ['table', 'json', 'jsonl', 'csv']) {
      const outputs = [
        await cli.run(['disconnect', 'hpe-oneview', '-o', format, '--debug']),
        await cli.run(['history', '-o', format]),
        await cli.run(['ls', '-o', format]),
      ];
      for (const { stdout, stderr } of outputs) {
        expect(stdout + stderr).not.toMatch(UNSAFE);
        for (const canary of cli.canaries()) expect(stdout + stderr).not.toContain(canary);
      }
    }
  });
});

describe('usage', () => {
  it.each([
    [['disconnect'], /disconnect needs to know what/],
    [['disconnect', 'hpe-oneview', '--effect', 'explode'], /--effect is one of: forget, detach, end, revoke/],
    [['disconnect', 'hpe-oneview', '--effect', 'forget'], /does not offer "forget".*\nnext: it offers: end/],
    [['disconnect', 'hpe-oneview', '--no-verify', '--require-verified'], /exclude each other/],
    [['disconnect', 'hpe-oneview', '--no-verify', '--wait'], /exclude each other/],
    [['disconnect', 'hpe-oneview', '--timeout', 'soon'], /--timeout does not have the right form/],
    [['disconnect', 'hpe-oneview', '--others'], /there is no flag --others/],
    [['disconnect', 'hpe-oneview', '--al'], /next: did you mean --all\?/],
    [['disconnect', 'hpe-oneview', '-all'], /there is no flag --all?/],
    [['disconnect', '-', '--all'], /--all has no meaning/],
    [['disconnect', 'hpe-oneview', '--timeout', '-o', 'json'], /--timeout needs a value/],
    [['--live', 'ls'], /there is no flag --live in front of a command/],
    [['ls', '--query', '['], /--query is not JMESPath/],
    [['ls', '-o', 'xml'], /--output is one of: table, list, json, jsonl, csv, none/],
    [['ls', 'hpe-oneview', '--resolve', 'nonsense'], /does not say where a name is/],
    [['disconect', 'hpe-oneview'], /next: did you mean disconnect\?/],
  ])('refuses %j', async (argv, message) => {
    await connected(1);
    const { code, stderr } = await cli.run(argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(live()).toEqual(['ov1']);
  });
});
