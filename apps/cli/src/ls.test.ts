import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { userInfo } from 'node:os';
import { faults } from '@slipline/hpe-oneview/testing';
import { CommandLine } from './command-line.test.support.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start(['ov1.example', 'ov2.example']);
});
afterEach(() => cli[Symbol.asyncDispose]());

describe('ls', () => {
  it('lists what is in the ledger, and asks no system', async () => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    for (const name of ['ov1.example', 'ov2.example']) cli.appliance(name).clearRequests();
    const { code, stdout, stderr } = await cli.run(['ls']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [heading, first, second] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(heading).toEqual(['SESSION', 'STATE', 'WHO', 'WHERE', 'DEFAULT', 'SINCE', 'OWNERSHIP', 'CAN BE']);
    expect(first).toEqual([
      'hpe-oneview:1',
      'live',
      'Administrator',
      'ov1.example',
      'yes',
      'now',
      'opened',
      'end',
    ]);
    expect(second?.slice(0, 4)).toEqual(['hpe-oneview:2', 'live', 'Administrator', 'ov2.example']);
    expect(cli.appliance('ov1.example').requestCount + cli.appliance('ov2.example').requestCount).toBe(0);
  });

  it('is an empty list, with a hint for people, where there is nothing', async () => {
    expect(await cli.run(['ls'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No sessions. "slipline connect <provider>" opens one.\n',
    });
    expect(await cli.run(['ls', '-o', 'json'])).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
  });

  it('asks each system with --live, and tells what is free', async () => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    const [session] = cli.appliance('ov2.example').sessions();
    cli.appliance('ov2.example').endSession(session?.token ?? '');
    const { code, stdout } = await cli.run(['ls', '--live', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { id: '1', state: 'live', details: { quota: { client: { used: 1 } } } },
      { id: '2', state: expect.stringMatching(/closed|expired/) },
    ]);
  });

  it('lists the rest where one system does not answer, and says which', async () => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    const { port } = cli.appliance('ov2.example');
    const rules = `ov1.example:127.0.0.1:1,ov2.example:127.0.0.1:${port}`;
    const { stdout } = await cli.run(['ls', '--live', '-o', 'json', '--resolve', rules]);
    expect(JSON.parse(stdout)).toMatchObject([
      { id: '1', state: 'unknown' },
      { id: '2', state: 'live' },
    ]);
  });

  it('takes a provider and its parameters', async () => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    const query = ['-o', 'json', '--query', "[].id | join(',', @)"];
    expect((await cli.run(['ls', 'hpe-oneview', ...query])).stdout).toBe('"1,2"\n');
    expect((await cli.run(['ls', 'hpe-oneview', '2', ...query])).stdout).toBe('"2"\n');
    expect((await cli.run(['ls', 'hpe-oneview:ov2.example', ...query])).stdout).toBe('"2"\n');
    expect((await cli.run(['ls', 'hpe-oneview', '--appliance', '2,1', ...query])).stdout).toBe('"2,1"\n');
    expect(await cli.run(['ls', 'hpe-oneview', '7'])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^not-found: /),
    });
    expect((await cli.run(['ls', 'nobody'])).code).toBe(2);
  });

  it('prints every format', async () => {
    await cli.connect('ov1.example');
    expect((await cli.run(['ls', '-o', 'csv'])).stdout).toMatch(
      /^session,state,who,where,default,since,ownership,can be\nhpe-oneview:1,live,Administrator,ov1\.example,yes,\d{4}-[^,]*Z,opened,end\n$/,
    );
    expect(JSON.parse((await cli.run(['ls', '-o', 'jsonl'])).stdout)).toMatchObject({ id: '1' });
    expect((await cli.run(['ls', '-o', 'none'])).stdout).toBe('');
    expect((await cli.run(['ls', '--query', '[].{name: endpoint, n: id}'])).stdout).toBe(
      'NAME         N\nov1.example  1\n',
    );
    expect((await cli.run(['ls', '-o', 'csv', '--query', '[].id'])).stdout).toBe('1\n');
  });

  it('takes its format from flag, variable and config.json, in this order', async () => {
    const environment = { SLIPLINE_OUTPUT: 'json' };
    expect((await cli.run(['ls'], { environment })).stdout).toBe('[]\n');
    expect((await cli.run(['ls', '-o', 'csv'], { environment })).stdout).toMatch(/^session,/);
    expect(await cli.run(['ls'], { environment: { SLIPLINE_OUTPUT: 'xml' } })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^invalid-request: SLIPLINE_OUTPUT is one of/),
    });
    cli.configure({ output: 'jsonl' });
    expect((await cli.run(['ls'])).stdout).toBe('');
    expect((await cli.run(['ls'], { environment })).stdout).toBe('[]\n');
    cli.configure({ output: 'xml' });
    expect(await cli.run(['ls'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/config\.json/) });
  });
});

describe('history', () => {
  it('can be asked for who, where, when and how far', async () => {
    await cli.connect();
    cli.appliance().inject(faults.busy(), { method: 'GET', path: '/rest/sessions' });
    await cli.run(['disconnect', 'hpe-oneview', '--timeout', '1s']);
    const kinds = async (...argv: string[]): Promise<unknown> =>
      JSON.parse((await cli.run(['history', '-o', 'json', '--query', '[].kind', ...argv])).stdout);
    expect(await kinds('--where', 'OV1.example')).toEqual(['disconnect', 'connect']);
    expect(await kinds('--where', 'elsewhere')).toEqual([]);
    expect(await kinds('--who', userInfo().username)).toHaveLength(2);
    expect(await kinds('--who', 'nobody at all')).toEqual([]);
    expect(await kinds('--until', '1h')).toEqual([]);
    expect(await kinds('--result', 'done')).toEqual(['connect']);
    expect(await kinds('--unverified')).toEqual(['disconnect']);
    cli.appliance().removeFaults();
    await cli.run(['disconnect', 'hpe-oneview', '--all']);
    expect(await kinds('--unverified', '--limit', '1')).toHaveLength(1);
    expect((await cli.run(['history', '--until', 'soon'])).code).toBe(2);
  });

  it('tells what was done, newest first, by whom and why', async () => {
    await cli.connect('ov1.example', '--reason', 'CHG-7');
    await cli.run(['disconnect', 'hpe-oneview', '--reason', '=cmd()']);
    await cli.connect('ov2.example');
    const kinds = ['history', '-o', 'json', '--query', '[].kind'];
    expect(JSON.parse((await cli.run(kinds)).stdout)).toEqual(['connect', 'disconnect', 'connect']);
    expect(JSON.parse((await cli.run([...kinds, '--kind', 'disconnect'])).stdout)).toEqual(['disconnect']);
    expect(JSON.parse((await cli.run([...kinds, '--limit', '1'])).stdout)).toEqual(['connect']);
    expect(JSON.parse((await cli.run([...kinds, '--since', '1h'])).stdout)).toHaveLength(3);
    expect(JSON.parse((await cli.run([...kinds, '--since', '2999-01-01'])).stdout)).toEqual([]);
    expect(JSON.parse((await cli.run(['history', 'wsman', ...kinds.slice(1)])).stdout)).toEqual([]);
    const { stdout } = await cli.run(['history', '-o', 'csv']);
    expect(stdout).toContain(",'=cmd()\n");
    expect(stdout).toContain(',CHG-7\n');
  });

  it.each([
    [['--since', 'yesterday'], /--since is neither a time nor a duration/],
    [['--limit', '0'], /--limit is at least 1/],
    [['--kind', 'dance'], /--kind is one of/],
    [['a', 'b'], /"b" is one argument too many/],
  ])('refuses %j', async (argv, message) => {
    expect(await cli.run(['history', ...argv])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message),
    });
  });
});

describe('access', () => {
  const token = (): string => cli.appliance().sessions()[0]?.token ?? '';

  it('prints what another program needs, for a shell, as JSON and as headers', async () => {
    await cli.connect();
    const env = await cli.run(['access', 'hpe-oneview']);
    expect(env).toMatchObject({ code: 0, stderr: '' });
    expect(env.stdout).toMatch(/^(export [A-Z0-9_]+='[^\n]*'\n)+$/);
    expect(env.stdout).toContain(token());
    const json = await cli.run(['access', 'hpe-oneview:1', '--format', 'json']);
    const headers = (JSON.parse(json.stdout) as { headers: Record<string, string> }).headers;
    expect(Object.values(headers)).toContain(token());
    expect((await cli.run(['access', 'hpe-oneview', 'ov1.example', '-o', 'json'])).stdout).toBe(json.stdout);
    const header = await cli.run(['access', 'hpe-oneview:ov1.example', '--format', 'header']);
    expect(header.stdout).toContain(`: ${token()}\n`);
  });

  it('is written down, without the secret', async () => {
    await cli.connect();
    await cli.run(['access', 'hpe-oneview', '--reason', 'nightly job']);
    const { stdout } = await cli.run(['history', '-o', 'json', '--kind', 'access']);
    expect(JSON.parse(stdout)).toMatchObject([{ kind: 'access', status: 'done', reason: 'nightly job' }]);
    expect(stdout).not.toContain(token());
  });

  it('shows nothing on a terminal without --show', async () => {
    await cli.connect();
    const stdoutIsTerminal = true;
    const refused = await cli.run(['access', 'hpe-oneview'], { stdoutIsTerminal });
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/next: .*--show/) });
    expect((await cli.run(['access', 'hpe-oneview', '--show'], { stdoutIsTerminal })).stdout).toContain(
      token(),
    );
  });

  it.each([
    [['access'], 2, /access needs to know which session/],
    [['access', 'hpe-oneview', '7'], 4, /^not-found: /],
    [
      ['access', 'hpe-oneview', '1', '2'],
      2,
      /2 sessions match.*\nnext: name one of: hpe-oneview:1, hpe-oneview:2/,
    ],
    [['access', 'hpe-oneview', '--format', 'xml'], 2, /--format is one of/],
  ])('refuses %j', async (argv, code, message) => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    const ran = await cli.run(argv);
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code, stdout: '' });
  });

  it('says that there is no session to use', async () => {
    expect(await cli.run(['access', 'hpe-oneview'])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/next: slipline connect hpe-oneview/),
    });
  });
});

describe('providers', () => {
  it('lists what can be used here', async () => {
    const { code, stdout } = await cli.run(['providers', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { id: 'hpe-oneview', title: 'HPE OneView', can: ['connect', 'ls', 'disconnect'] },
    ]);
  });
});
