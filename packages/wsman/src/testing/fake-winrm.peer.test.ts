import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAuthority } from '@slipline/testkit';
import { faults, FakeWinrm, type SettingsChange } from './index.ts';

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

const issue = async (name: string) =>
  (await authority).issue({ commonName: name, names: ['localhost', '127.0.0.1'] });

async function start(change: SettingsChange = {}): Promise<FakeWinrm> {
  return FakeWinrm.start({
    certificate: await issue('localhost'),
    clientAuthority: (await authority).certificate,
    users: USERS,
    ...change,
  });
}

/** A file that holds `text`. */
async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const ntlm = (winrm: FakeWinrm, change: object = {}) => ({
  endpoint: winrm.httpUrl,
  transport: 'ntlm',
  username: 'CORP\\jdoe',
  password: PASSWORD,
  message_encryption: 'always',
  ...change,
});

const overTls = async (winrm: FakeWinrm, transport: string, change: object = {}) => ({
  endpoint: winrm.httpsUrl,
  transport,
  username: 'CORP\\jdoe',
  password: PASSWORD,
  ca_trust_path: await file('ca.pem', (await authority).certificate),
  ...change,
});

describe('python3-winrm over NTLM', () => {
  it('runs commands with sealed messages', async () => {
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

  it.each([
    ['a wrong password', { password: 'secret123' }, {}],
    [
      'a locked account',
      {},
      { users: USERS.map((user) => ({ ...user, refusal: 'accountLockedOut' as const })) },
    ],
  ])('is refused with %s', async (_, change, settings) => {
    await using winrm = await start(settings);
    await expect(run(ntlm(winrm, change))).rejects.toThrow('credentials were rejected');
    expect(winrm.shells()).toEqual([]);
  });

  it('is refused in the clear', async () => {
    await using winrm = await start();
    await expect(run(ntlm(winrm, { message_encryption: 'never' }))).rejects.toThrow('Code 500');
    expect(winrm.shells()).toEqual([]);
  });

  it.each([
    ['signatures', faults.tamperedSignature()],
    ['data', faults.tamperedData()],
    ['lengths', faults.wrongLength()],
    ['ends', faults.truncated()],
    ['order: the last answer once more', faults.replay()],
    ['types of content: HTML', faults.html()],
  ])('notices spoiled %s', async (_, fault) => {
    await using winrm = await start();
    const active = winrm.inject(fault, { operation: 'Command' });
    await expect(run(ntlm(winrm))).rejects.toThrow();
    expect(active.hits).toBe(1);
  });

  it.each([
    ['signs with a key of its own', { ntlm: { wrongKey: true } }],
    ['uses a sequence number twice', { ntlm: { replaySequence: true } }],
    ['cannot seal for want of keys', { ntlm: { targetInfo: 'endless' } }],
  ] as const)('notices a service that %s', async (_, settings) => {
    await using winrm = await start(settings);
    await expect(run(ntlm(winrm))).rejects.toThrow();
    expect(winrm.openCommandCount).toBe(0);
  });

  it('is told of a quota by a sealed fault', async () => {
    await using winrm = await start({ maxShellsPerUser: 0 });
    await expect(run(ntlm(winrm))).rejects.toThrow('MaxShellsPerUser');
    expect(winrm.requests.at(-1)).toMatchObject({ kind: 'Create', isSealed: true, status: 500 });
  });
});

describe('curl', () => {
  const identify =
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>' +
    '<Identify xmlns="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>';

  it.each([
    ['the right password', PASSWORD, '200'],
    ['a wrong password', 'wrong', '401'],
  ])('identifies the service by Digest with %s or not', async (_, password, status) => {
    await using winrm = await start({ authentication: { digest: true } });
    const ca = await file('ca.pem', (await authority).certificate);
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--digest', '--user', `jdoe:${password}`, '--cacert', ca],
      ...['--header', 'content-type: application/soap+xml;charset=UTF-8', '--data', identify],
      ...['--write-out', '%{http_code}', '--output', join(folder, 'answer'), winrm.httpsUrl],
    ]);
    expect(stdout).toBe(status);
    expect(winrm.requestCounts.get('Identify')).toBe(status === '200' ? 1 : undefined);
  });
});

describe('python3-winrm over TLS', () => {
  it('sends the channel binding that the service demands', async () => {
    await using winrm = await start({ channelBinding: 'required' });
    expect(await run(await overTls(winrm, 'ntlm'))).toEqual([['hello\r\n', '', 0]]);
    expect(winrm.requests.find(({ kind }) => kind === 'Command')).toMatchObject({ transport: 'https' });
  });

  it('is refused with the binding of another certificate, or without one', async () => {
    await using winrm = await start({ channelBinding: 'required' });
    await expect(run(await overTls(winrm, 'ntlm', { send_cbt: false }))).rejects.toThrow('rejected');
    winrm.expectBindingOf((await issue('localhost')).certificate);
    await expect(run(await overTls(winrm, 'ntlm'))).rejects.toThrow('rejected');
    expect(new Set(winrm.requests.flatMap(({ refusal }) => refusal ?? []))).toEqual(
      new Set(['no-credentials', 'badBindings']),
    );
  });

  it('signs in by Basic, and not with a wrong password', async () => {
    await using winrm = await start({ authentication: { basic: true } });
    expect(await run(await overTls(winrm, 'basic'))).toEqual([['hello\r\n', '', 0]]);
    expect(winrm.requests.find(({ kind }) => kind === 'Command')).toMatchObject({
      scheme: 'basic',
      isSealed: false,
    });
    const wrong = await overTls(winrm, 'basic', { password: 'wrong' });
    await expect(run(wrong)).rejects.toThrow('rejected');
    expect(winrm.openShellCount).toBe(0);
  });

  it('signs in with a certificate that is mapped', async () => {
    const users = USERS.map((user) => ({ ...user, certificateNames: ['jdoe'] }));
    await using winrm = await start({ users, authentication: { certificate: true } });
    const { certificate, privateKey } = await issue('jdoe');
    const connection = await overTls(winrm, 'certificate', {
      cert_pem: await file('jdoe.pem', certificate),
      cert_key_pem: await file('jdoe.key', privateKey),
    });
    expect(await run(connection)).toEqual([['hello\r\n', '', 0]]);
    expect(winrm.shells()).toMatchObject([{ owner: 'CORP\\jdoe', endedBy: 'deleted' }]);
  });
});
