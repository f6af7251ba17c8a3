import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { faults, SECRET_APPLICATION, type Fault } from '@slipline/microsoft-identity/testing';
import { findCanaries } from '@slipline/testkit';
import { APPLICATION, Clouds } from './clouds.test.support.ts';

// What goes wrong at Microsoft's clouds, as people are told it.
jest.setTimeout(60_000);

const TENANT = 'contoso.onmicrosoft.com';
const TOKEN = '/oauth2/v2.0/token';
const PLACES = { entra: [TENANT], 'exchange-online': ['--organization', TENANT] } as const;
const PROVIDERS = Object.keys(PLACES) as (keyof typeof PLACES)[];

let clouds: Clouds;
beforeAll(async () => {
  clouds = await Clouds.start();
});
afterAll(() => clouds[Symbol.asyncDispose]());
beforeEach(() => {
  clouds.directory.removeFaults();
  clouds.directory.allow(SECRET_APPLICATION.clientId);
});

const connect = (provider: keyof typeof PLACES, ...more: readonly string[]) =>
  clouds.run(['connect', provider, ...PLACES[provider], ...APPLICATION, ...more]);

/** What is listed of a provider. */
async function listed(provider: string): Promise<unknown> {
  return JSON.parse((await clouds.run(['ls', provider, '-o', 'json'])).stdout);
}

/** One message, its next step, and its exit code. */
const told = (code: string) =>
  expect.stringMatching(new RegExp(`^(warning: [^\\n]*\\n)?${code}: [^\\n]+\\nnext: [^\\n]+\\n$`));

describe.each(PROVIDERS)('a connect of %s', (provider) => {
  it.each<[string, Fault, string, number]>([
    ['HTML', faults.html(), 'protocol', 3],
    ['404 with JSON that says nothing', faults.emptyToken(), 'protocol', 3],
    ['nothing', faults.reset(), 'unreachable', 6],
    ['a token of another tenant', faults.forge('tenant'), 'untrusted', 6],
  ])('that is answered %s says so, what to do, and leaves nothing', async (_what, fault, code, exit) => {
    clouds.directory.inject(fault, { path: TOKEN });
    const { code: ended, stdout, stderr } = await connect(provider);
    expect([ended, stdout, stderr]).toEqual([exit, '', told(code)]);
    expect(findCanaries([stderr], clouds.canaries())).toEqual([]);
    expect(await listed(provider)).toEqual([]);
  });

  it('that is never answered is given up in time', async () => {
    const fault = clouds.directory.inject(faults.hang(), { path: TOKEN });
    const { code, stdout, stderr } = await connect(provider, '--timeout', '1s');
    fault.release();
    expect([code, stdout, stderr]).toEqual([6, '', expect.stringMatching(/^timeout: /)]);
    expect(await listed(provider)).toEqual([]);
  });

  it.each<[string, number, string, number]>([
    ['a wrong secret', 7000215, 'unauthenticated', 5],
    ['an expired secret', 7000222, 'unauthenticated', 5],
    ['an expired certificate', 700027, 'unauthenticated', 5],
    ['a consent that is missing', 65001, 'forbidden', 5],
    ['Conditional Access', 53003, 'forbidden', 5],
    ['a second factor', 50076, 'unauthenticated', 5],
    ['an application that is not there', 700016, 'invalid-request', 2],
  ])('that is refused for %s says so, what to do, and leaves nothing', async (_what, number, code, exit) => {
    clouds.directory.refuse(SECRET_APPLICATION.clientId, number);
    const { code: ended, stdout, stderr } = await connect(provider);
    expect([ended, stdout, stderr]).toEqual([exit, '', told(code)]);
    expect(stderr).toContain(`AADSTS${number}`);
    expect(await listed(provider)).toEqual([]);
  });

  it('without an application tells how to register one, and what it needs', async () => {
    const { code, stderr } = await clouds.spawn(['connect', provider, ...PLACES[provider]], {
      SLIPLINE_CLIENT_ID: '',
    }).ended;
    expect([code, stderr]).toEqual([2, told('invalid-request')]);
    expect(stderr).toContain('App registrations');
    expect(stderr).toContain(provider === 'entra' ? 'User.Read' : 'Exchange.ManageAsApp');
  });

  it('with a user name and a password does not exist', async () => {
    const { code } = await clouds.run(['connect', provider, '--password-env', 'SECRET']);
    expect(code).toBe(2);
  });
});

describe('a session of a process', () => {
  it('is there for the script that opened it, and ends with that', async () => {
    const connect = ['connect', 'entra', TENANT, ...APPLICATION, '--context-scope', 'process'].join(' ');
    const script = `slipline ${connect} >&2 && slipline ls entra -o json --query '[].details.contextScope'; :`;
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: clouds.environment });
    expect(JSON.parse(stdout)).toEqual(['Process']);
    expect((await clouds.run(['cleanup'])).stdout).toContain('forgotten');
    expect(await listed('entra')).toEqual([]);
    expect(clouds.filesWith(clouds.canaries())).toEqual([]);
  });
});
