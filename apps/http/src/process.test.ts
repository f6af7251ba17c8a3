import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '@slipline/testkit';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(120_000);

const ENTRY = fileURLToPath(new URL('../bin/slipline-http.cjs', import.meta.url));

let home: string;
let environment: NodeJS.ProcessEnv;
let running: ChildProcess[];

beforeEach(async () => {
  running = [];
  home = await mkdtemp(join(tmpdir(), 'slipline-http-process-'));
  await mkdir(join(home, 'temporary'));
  environment = {
    PATH: process.env['PATH'],
    SLIPLINE_HOME: join(home, 'own'),
    SLIPLINE_KEYRING: 'off',
    TMPDIR: join(home, 'temporary'),
  };
});

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
});

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [ENTRY, ...args], { env: environment, encoding: 'utf8' });
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  readonly printed: string;
  readonly log: () => string;
}

/** Starts the service and waits until it says where it is. */
async function start(...args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [ENTRY, '--port', '0', ...args], { env: environment });
  running.push(child);
  let printed = '';
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout) {
    printed += text as string;
    if (/^Sign in .*\n/m.test(printed)) break;
  }
  const [, url = ''] = /Slipline is at (\S+)/.exec(printed) ?? [];
  const [, token = ''] = /#sign-in=(\S+)/.exec(printed) ?? [];
  return { child, url, token, printed, log: () => log };
}

async function stop({ child }: Running, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  return ((await ended) as [number | null])[0];
}

const get = (url: string, key: string): Promise<Response> =>
  fetch(url, { headers: { authorization: `Bearer ${key}` } });

async function configure(value: object): Promise<void> {
  const folder = join(home, 'own', 'config');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'http.json'), JSON.stringify(value), { mode: 0o600 });
}

it('says its version and what it can do', () => {
  expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = run('--help');
  expect(help.status).toBe(0);
  expect(help.stdout).toMatch(/^Usage: slipline-http/);
});

it('starts with nothing but itself, lets its owner in once, and takes keys made meanwhile', async () => {
  const service = await start();
  const signIn = (): Promise<Response> =>
    fetch(`${service.url}v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: service.token }),
    });
  expect((await signIn()).status).toBe(200);
  expect((await signIn()).status).toBe(401);
  const made = run('keys', 'create', '--user', 'vera', '--role', 'viewer', '--scope', '*');
  expect(made.stderr).toBe('');
  const key = made.stdout.trim();
  let status = 0;
  // A second at most; a busy machine may need longer.
  for (let tries = 0; tries < 100 && status !== 200; tries++) {
    status = (await get(`${service.url}v1/sessions`, key)).status;
    if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(status).toBe(200);
  expect(await stop(service, 'SIGTERM')).toBe(0);
  expect(service.log()).not.toContain(service.token);
  expect(service.log()).not.toContain(key.slice(17));
});

it('runs over the lab, says that it is one, and leaves nothing behind', async () => {
  const service = await start('--lab');
  expect(service.printed).toContain('not real systems');
  const answer = await fetch(`${service.url}v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: service.token }),
  });
  expect(await answer.json()).toMatchObject({ role: 'operator', isLab: true });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const read = async (
    path: string,
  ): Promise<readonly { readonly id: string; readonly provider: string }[]> => {
    const list = await fetch(`${service.url}${path}`, { headers: { cookie } });
    return ((await list.json()) as { readonly items: Awaited<ReturnType<typeof read>> }).items;
  };
  expect((await read('v1/providers')).map(({ id }) => id)).toEqual([
    'exchange-online',
    'entra',
    'hpe-oneview',
    'wsman',
    'terminal-sessions',
    'smb-sessions',
  ]);
  const providers = new Set((await read('v1/sessions')).map(({ provider }) => provider));
  // Those of the others come from watches, as soon as their systems have answered.
  expect([...providers]).toEqual(
    expect.arrayContaining(['exchange-online', 'entra', 'hpe-oneview', 'wsman']),
  );
  expect([await stop(service, 'SIGINT'), service.log().replace(/^\{.*\n/gm, '')]).toEqual([0, '']);
  const left = await readdir(join(home, 'temporary'));
  expect(left.filter((name) => name.startsWith('slipline'))).toEqual([]);
});

it('serves TLS off loopback, to the names that it has', async () => {
  const authority = await createAuthority();
  const identity = await authority.issue({ commonName: 'slipline.example', names: ['slipline.example'] });
  await configure({
    listen: { host: '0.0.0.0' },
    tls: { certificate: 'cert.pem', privateKey: 'key.pem' },
    names: ['slipline.example'],
  });
  await writeFile(join(home, 'own', 'config', 'cert.pem'), identity.certificate);
  await writeFile(join(home, 'own', 'config', 'key.pem'), identity.privateKey, { mode: 0o600 });
  const service = await start();
  expect(service.printed).toMatch(/https:\/\/slipline\.example:\d+\//);
  expect(service.printed).toContain('Sign in with a key');
  expect(service.token).toBe('');
  const { port } = new URL(service.url);
  const ask = (host: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const options = { port, path: '/healthz', ca: authority.certificate, servername: 'slipline.example' };
      httpsGet({ ...options, host: '127.0.0.1', headers: { host } }, resolve).on('error', reject);
    });
  const answer = await ask('slipline.example');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
  expect((await ask('evil.test')).statusCode).toBe(421);
  expect(await stop(service, 'SIGTERM')).toBe(0);
});

it('connects to nothing that is not listed, and leaves out no check of a certificate', async () => {
  let connections = 0;
  const system = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(system, 'listening');
  const { port } = system.address() as AddressInfo;
  const credential = { userName: 'olga', password: 'x' };
  const connect = async ({ url, token }: Running, provider: string, values: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const signIn = { method: 'POST', headers, body: JSON.stringify({ token }) };
    const me = await fetch(`${url}v1/sign-in`, signIn);
    const { csrfToken } = (await me.json()) as { readonly csrfToken: string };
    const cookie = me.headers.get('set-cookie')?.split(';')[0] ?? '';
    const answer = await fetch(`${url}v1/connections`, {
      method: 'POST',
      headers: { ...headers, cookie, 'x-csrf-token': csrfToken },
      body: JSON.stringify({ provider, values: { ...values, ...credential } }),
    });
    return answer.json();
  };

  const closed = await start();
  expect(await connect(closed, 'hpe-oneview', { appliance: `127.0.0.1:${port}` })).toMatchObject({
    status: 403,
    detail: 'this target is not allowed by the configuration',
  });
  expect(await stop(closed, 'SIGTERM')).toBe(0);
  await configure({ outbound: [`127.0.0.1:${port}`] });
  const open = await start();
  const values = { computerName: '127.0.0.1', port, useSsl: true, skipCaCheck: true };
  expect(await connect(open, 'wsman', values)).toMatchObject({
    status: 403,
    detail: 'no check of a certificate may be left out here',
  });
  expect(await stop(open, 'SIGTERM')).toBe(0);
  expect(connections).toBe(0);
  // A token is good once.
  const again = await start();
  expect(await connect(again, 'hpe-oneview', { appliance: `127.0.0.1:${port}` })).toMatchObject({
    status: 502,
  });
  expect(connections).toBeGreaterThan(0);
  expect(await stop(again, 'SIGTERM')).toBe(0);
  system.close();
});

it('ends with streams of events open', async () => {
  const service = await start();
  const key = run('keys', 'create', '--user', 'vera', '--role', 'viewer', '--scope', '*').stdout.trim();
  let stream = await get(`${service.url}v1/events`, key);
  for (let tries = 0; tries < 100 && stream.status !== 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    stream = await get(`${service.url}v1/events`, key);
  }
  const reader = stream.body?.getReader();
  await reader?.read();
  expect(await stop(service, 'SIGTERM')).toBe(0);
});

it('ends under load: what it answers still is right, and then nobody listens', async () => {
  // Made before, so that the service knows it from its start.
  const key = run('keys', 'create', '--user', 'vera', '--role', 'viewer', '--scope', '*').stdout.trim();
  const service = await start();
  const statuses: number[] = [];
  const asking = Array.from({ length: 30 }, async () => {
    for (;;) {
      const answer = await get(`${service.url}v1/sessions`, key).catch(() => undefined);
      // A connection that is cut off, or that nobody takes, is how a client learns of the end.
      if (answer === undefined) return;
      statuses.push(answer.status);
      await answer.text().catch(() => '');
    }
  });
  while (statuses.length < 200) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await stop(service, 'SIGTERM')).toBe(0);
  await Promise.all(asking);
  expect([...new Set(statuses)].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(service.log()).not.toMatch(/"level":"error"/);
});

describe('what cannot be is said in one line', () => {
  it.each([
    [['--prot', '1'], /^invalid-request: Unknown option '--prot'/],
    [['--port', 'x'], /^invalid-request: "x" is not a port/],
    [['--host', '0.0.0.0'], /^invalid-request: 0\.0\.0\.0 is not loopback, and there is no TLS/],
    [['--tls-cert', '/none', '--tls-key', '/none'], /^invalid-request: \/none cannot be read/],
    [['--log-level', 'loud'], /^invalid-request: --log-level is one of/],
    [['frob'], /^invalid-request: there is no command "frob"/],
  ])('%j', (args, words) => {
    const { status, stderr, stdout } = run(...args);
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/\nnext: .*\n$/);
    expect(stderr.split('\n')).toHaveLength(3);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  it('a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const child = spawn(process.execPath, [ENTRY, '--port', String(port), '--log-level', 'silent'], {
      env: environment,
    });
    running.push(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [status] = (await once(child, 'close')) as [number];
    other.close();
    expect(said).toMatch(new RegExp(`^unreachable: 127.0.0.1 port ${port} is in use already\nnext: .*\n$`));
    expect(status).toBe(1);
  });

  it('settings that are damaged', async () => {
    await configure({ outbound: ['https://ov1.example'] });
    const { status, stderr } = run('--port', '0');
    expect(stderr).toMatch(/^invalid-request: outbound: "https:\/\/ov1\.example" is not a target/);
    expect(status).toBe(2);
  });

  it('keys that are damaged, which are left as they are', async () => {
    const folder = join(home, 'own', 'state', 'http');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'keys.json'), '{');
    const { status, stderr } = run('--port', '0', '--log-level', 'silent');
    expect(stderr).toMatch(/^internal: .*keys\.json is damaged/);
    expect(status).toBe(1);
  });
});
