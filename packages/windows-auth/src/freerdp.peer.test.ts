import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { credssp, ntlm, type SecurityContext } from './index.ts';
import { md4 } from './md4.ts';
import { answers, freePort } from './realm.peer.test.support.ts';

const PASSWORD = 'Secret123';
// X.224 connection request and confirm of MS-RDPBCGR 4.1.1 and 4.1.2, both asking for CredSSP.
const REQUEST = Buffer.from('030000130ee000000000000100080003000000', 'hex');
const CONFIRM = Buffer.from('030000130ed000000000000203080002000000', 'hex');

let folder: string;
let display: ChildProcess;
let server: ChildProcess;
let port: number;
const log: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-freerdp-'));
  const hash = md4(Buffer.from(PASSWORD, 'utf16le')).toString('hex');
  await writeFile(join(folder, 'sam'), `rdpuser:CORP::${hash}:::\n`);
  display = spawn('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '320x240x24'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [number] = (await once(createInterface({ input: display.stdout! }), 'line')) as [string];
  await startServer(`:${number}`);
}, 60_000);

afterAll(async () => {
  for (const child of [server, display]) {
    if (child.exitCode !== null) continue;
    const ended = once(child, 'close');
    child.kill();
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

/** Starts the server, again where it was quicker than its display. */
async function startServer(display: string): Promise<void> {
  port = await freePort();
  for (let attempt = 1; ; attempt += 1) {
    log.length = 0;
    server = shadowServer(display);
    try {
      return await answers(port, server);
    } catch (cause) {
      if (attempt === 20) throw new Error(log.join(''), { cause });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function shadowServer(display: string): ChildProcess {
  const started = spawn(
    'stdbuf',
    [
      '-oL',
      'freerdp-shadow-cli',
      '/bind-address:127.0.0.1',
      `/port:${port}`,
      '/sec:nla',
      `/sam-file:${join(folder, 'sam')}`,
      '+auth',
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, DISPLAY: display, WLOG_LEVEL: 'DEBUG' },
    },
  );
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (text: Buffer) => log.push(text.toString()));
  return started;
}

async function signIn(client: SecurityContext): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    const arrivals = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    socket.write(REQUEST);
    expect((await arrivals.next()).value).toEqual(CONFIRM);
    for (let token = await client.step(); ;) {
      if (token !== undefined) socket.write(token);
      if (client.isComplete) break;
      const arrival = await arrivals.next();
      if (arrival.done) throw new Error('The server closed the connection.');
      token = await client.step(arrival.value);
    }
    // It goes on to the next phase of RDP once it has taken the credentials.
    while (!log.join('').includes('--> CONNECTION_STATE_NEGO'))
      await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    socket.destroy();
  }
}

const withPassword = (password: string) => {
  const credential = { userName: 'CORP\\rdpuser', password };
  return credssp({ credential, inner: ntlm({ credential, target: 'TERMSRV/localhost' }) });
};

describe('CredSSP, accepted by FreeRDP', () => {
  it('refuses a wrong password', async () => {
    using client = withPassword('Wrong123');
    await expect(signIn(client)).rejects.toMatchObject({ code: 'refused' });
    expect(log.join('')).not.toContain('--> CONNECTION_STATE_NEGO');
  });

  it('takes the proof of the key, proves its own, and takes the credentials', async () => {
    using client = withPassword(PASSWORD);
    await signIn(client);
    expect(client.isComplete).toBe(true);
    expect(log.join('')).toContain('CredSSP protocol support 6, peer supports 6');
  });
});
