import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { negotiate, ntlm, type SecurityContext } from './index.ts';

const PASSWORD = 'Secret123';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-samba-'));
  const places = ['private dir', 'state directory', 'cache directory', 'lock directory', 'pid directory'];
  const lines = ['workgroup = CORP', 'netbios name = PEER', ...places.map((place) => `${place} = ${folder}`)];
  await writeFile(join(folder, 'smb.conf'), `[global]\n${lines.join('\n')}\n`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Takes the client through Samba's helper protocol; answers its last line. */
async function signIn(
  protocol: string,
  client: SecurityContext,
  tamper?: (token: Uint8Array) => void,
): Promise<string> {
  const child = spawn(
    'ntlm_auth',
    [
      `--helper-protocol=${protocol}`,
      '--username=ntlmuser',
      '--domain=CORP',
      `--password=${PASSWORD}`,
      `--configfile=${folder}/smb.conf`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    let [verb, line] = ['YR', ''];
    for (let token = await client.step(); token !== undefined; verb = 'KK') {
      if (verb === 'KK') tamper?.(token);
      child.stdin.write(`${verb} ${Buffer.from(token).toString('base64')}\n`);
      const next = await lines.next();
      if (next.done) throw new Error('ntlm_auth ended; is Debian’s winbind installed?');
      line = next.value;
      const [state, given = '*'] = line.split(' ');
      const isToken = (state === 'TT' || state === 'AF') && given !== '*' && !client.isComplete;
      token = isToken ? await client.step(Buffer.from(given, 'base64')) : undefined;
    }
    return line;
  } finally {
    const ended = once(child, 'close');
    child.stdin.end();
    await ended;
  }
}

const withNtlm = (password = PASSWORD) =>
  ntlm({ credential: { userName: 'CORP\\ntlmuser', password }, target: 'HTTP/peer' });

describe("Samba's ntlm_auth", () => {
  it('accepts bare NTLM', async () => {
    using client = withNtlm();
    expect(await signIn('squid-2.5-ntlmssp', client)).toBe('AF CORP\\ntlmuser');
  });

  it('accepts NTLM in SPNEGO, and signs the list of mechanisms', async () => {
    using client = negotiate({ mechanisms: [withNtlm()] });
    expect(await signIn('gss-spnego', client)).toMatch(/^AF \S+ CORP\\ntlmuser$/);
    expect(client.isComplete).toBe(true);
  });

  it.each([
    ['squid-2.5-ntlmssp', () => withNtlm('Wrong123')],
    ['gss-spnego', () => negotiate({ mechanisms: [withNtlm('Wrong123')] })],
  ])('%s: refuses a wrong password', async (protocol, make) => {
    using client = make();
    expect(await signIn(protocol, client)).toMatch(/^NA .*NT_STATUS_LOGON_FAILURE$/);
  });

  it('refuses a MIC that was changed on the way', async () => {
    using client = withNtlm();
    const line = await signIn('squid-2.5-ntlmssp', client, (token) => {
      token[72]! ^= 1;
    });
    expect(line).toMatch(/^(NA|BH) /);
  });
});
