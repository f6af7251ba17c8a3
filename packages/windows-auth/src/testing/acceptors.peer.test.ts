import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AcceptStep, ClientFacts } from './ntlm-acceptor.ts';
import { NtlmAcceptor } from './ntlm-acceptor.ts';
import type { NtlmAcceptorOptions } from './ntlm-settings.ts';
import { AuthRefusal } from './refusal.ts';
import { SpnegoAcceptor, type SpnegoFaults } from './spnego-acceptor.ts';

const USER = { userName: 'jdoe', domain: 'CORP', password: 'Secret123' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-samba-'));
  const places = ['private dir', 'state directory', 'cache directory', 'lock directory', 'pid directory'];
  const lines = ['workgroup = CORP', 'netbios name = PEER', ...places.map((place) => `${place} = ${folder}`)];
  await writeFile(join(folder, 'smb.conf'), `[global]\n${lines.join('\n')}\n`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Acceptor {
  accept(): {
    step(token: Uint8Array): AcceptStep;
    readonly facts: ClientFacts;
    readonly sessionKey: Uint8Array;
  };
}

interface SignIn {
  /** Samba's last word: `AF` where it is content. */
  readonly verdict: string;
  /** Why we refused. */
  readonly refusal: string | undefined;
  readonly step: AcceptStep | undefined;
  readonly facts: ClientFacts | undefined;
  /** Our session key, and Samba's. */
  readonly keys: readonly (string | undefined)[];
}

/** Lets Samba's client sign in here, by the protocol that it speaks with its helpers. */
async function signIn(protocol: string, acceptor: Acceptor, password = USER.password): Promise<SignIn> {
  const account = ['--username=jdoe', '--domain=CORP', `--password=${password}`];
  const child = spawn(
    'ntlm_auth',
    [`--helper-protocol=${protocol}`, ...account, `--configfile=${folder}/smb.conf`],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<readonly string[]> => {
    child.stdin.write(`${line}\n`);
    const next = await lines.next();
    if (next.done === true) throw new Error('ntlm_auth ended; is Debian’s winbind installed?');
    return next.value.split(' ');
  };
  const acceptance = acceptor.accept();
  await ask('SF NTLMSSP_FEATURE_SESSION_KEY NTLMSSP_FEATURE_SIGN NTLMSSP_FEATURE_SEAL');
  let step: AcceptStep | undefined;
  const finish = async (verdict: string): Promise<SignIn> => {
    const isDone = step?.done === true;
    const keys = isDone ? [Buffer.from(acceptance.sessionKey).toString('base64'), (await ask('GK'))[1]] : [];
    return { verdict, refusal: undefined, step, keys, facts: isDone ? acceptance.facts : undefined };
  };
  try {
    let [verdict = '', given = ''] = await ask('YR');
    while (step?.done !== true && ['YR', 'KK', 'AF'].includes(verdict)) {
      step = acceptance.step(Buffer.from(given, 'base64'));
      if (step.token === undefined) break;
      [verdict = '', given = ''] = await ask(`TT ${Buffer.from(step.token).toString('base64')}`);
    }
    return await finish(verdict);
  } catch (error) {
    if (error instanceof AuthRefusal)
      return { verdict: '', refusal: error.reason, step, keys: [], facts: undefined };
    throw error;
  } finally {
    const ended = once(child, 'close');
    child.stdin.end();
    await ended;
  }
}

const ntlm = (change: Partial<NtlmAcceptorOptions> = {}) => new NtlmAcceptor({ users: [USER], ...change });
const spnego = (faults?: SpnegoFaults, change?: Partial<NtlmAcceptorOptions>) =>
  new SpnegoAcceptor(ntlm(change), faults);

describe('Samba’s client', () => {
  it('signs in with NTLM and a MIC', async () => {
    const { step, facts, keys } = await signIn('ntlmssp-client-1', ntlm());
    expect(step).toEqual({ done: true, user: USER });
    expect(keys[0]).toBe(keys[1]);
    expect(facts?.hasMic).toBe(true);
  });

  it('signs in with SPNEGO, and finds our signature of its list right', async () => {
    const { step, verdict, keys } = await signIn('gss-spnego-client', spnego());
    expect(keys[0]).toBe(keys[1]);
    expect(step).toMatchObject({ done: true, user: USER });
    expect(verdict).toBe('AF');
  });

  it.each([
    ['ntlmssp-client-1', ntlm],
    ['gss-spnego-client', spnego],
  ])('is refused with a wrong password by %s', async (protocol, acceptor) => {
    expect(await signIn(protocol, acceptor(), 'secret123')).toMatchObject({ refusal: 'logonFailure' });
  });

  it.each<[string, SpnegoFaults, Partial<NtlmAcceptorOptions>]>([
    ['a spoiled signature of its list', { mechListMic: 'tamper' }, {}],
    ['another key', {}, { faults: { wrongKey: true } }],
    ['target information without an end', {}, { faults: { targetInfo: 'endless' } }],
  ])('does not take %s', async (_, faults, change) => {
    const { verdict } = await signIn('gss-spnego-client', spnego(faults, change));
    expect(verdict).not.toBe('AF');
  });
});
