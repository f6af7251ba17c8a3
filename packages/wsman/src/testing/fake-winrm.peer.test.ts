import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAuthority } from '@slipline/testkit';
import { FakeWinrm, type SettingsChange } from './index.ts';

/** Debian's Python, for which python3-winrm is installed; another one on the path lacks it. */
const PYTHON = '/usr/bin/python3';
/** NTLM needs MD4, which OpenSSL 3 has in its legacy provider only. */
const OPENSSL = `openssl_conf = init
[init]
providers = providers
[providers]
default = active
legacy = active
[active]
activate = 1
`;

const CLIENT = `
import json, sys
from winrm.protocol import Protocol
given = json.load(sys.stdin)
protocol = Protocol(**given['connection'])
shell = protocol.open_shell()
results = []
try:
    for command, arguments in given['commands']:
        run = protocol.run_command(shell, command, arguments)
        out, err, code = protocol.get_command_output(shell, run)
        protocol.cleanup_command(shell, run)
        results.append([out.decode(), err.decode(), code])
finally:
    protocol.close_shell(shell)
print(json.dumps(results))
`;

const PASSWORD = 'Secret123';
const USERS = [{ userName: 'jdoe', domain: 'CORP', password: PASSWORD, isAdministrator: true }];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-winrm-'));
  await writeFile(join(folder, 'openssl.cnf'), OPENSSL);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Results = readonly (readonly [stdout: string, stderr: string, exitCode: number])[];

/** Runs commands in a shell that python3-winrm opens and closes. */
async function run(
  connection: Readonly<Record<string, unknown>>,
  commands: readonly (readonly [string, readonly string[]])[] = [['echo', ['hello']]],
): Promise<Results> {
  const environment = { ...process.env, OPENSSL_CONF: join(folder, 'openssl.cnf') };
  const running = promisify(execFile)(PYTHON, ['-W', 'ignore', '-c', CLIENT], { env: environment });
  running.child.stdin?.end(JSON.stringify({ connection, commands }));
  const { stdout } = await running;
  return JSON.parse(stdout) as Results;
}

const authority = createAuthority();

async function start(change: SettingsChange = {}): Promise<FakeWinrm> {
  const certificate = await (
    await authority
  ).issue({ commonName: 'localhost', names: ['localhost', '127.0.0.1'] });
  return FakeWinrm.start({ certificate, users: USERS, ...change });
}

describe('python3-winrm', () => {
  const ntlm = (winrm: FakeWinrm, change: object = {}) => ({
    endpoint: winrm.httpUrl,
    transport: 'ntlm',
    username: 'CORP\\jdoe',
    password: PASSWORD,
    message_encryption: 'always',
    ...change,
  });

  it('runs commands over NTLM with sealed messages', async () => {
    await using winrm = await start();
    const results = await run(ntlm(winrm), [
      ['echo', ['hello']],
      ['cmd', ['/c', 'whoami']],
      ['exit', ['3']],
      ['no-such', []],
    ]);
    expect(results).toEqual([
      ['hello\r\n', '', 0],
      ['corp\\jdoe\r\n', '', 0],
      ['', '', 3],
      ['', expect.stringContaining("'no-such' is not recognized"), 1],
    ]);
    expect(winrm.shells()).toMatchObject([{ owner: 'CORP\\jdoe', endedBy: 'deleted' }]);
    expect(winrm.openCommandCount).toBe(0);
    const carried = winrm.requests.filter(({ kind }) => kind !== 'Authenticate');
    expect(carried.length).toBeGreaterThan(10);
    for (const request of carried) {
      expect(request).toMatchObject({ isSealed: true, scheme: 'negotiate', status: 200 });
      expect(request.body.includes('schemas')).toBe(false);
    }
  });
});
