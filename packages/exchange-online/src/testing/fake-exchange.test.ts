import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CONTOSO, FABRIKAM, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { fetchOver } from './world-fetch.test.support.ts';
import { authority } from './world.test.support.ts';
import { openBench, type ExchangeOnlineBench } from './bench.ts';
import { EXCHANGE_HOSTS } from './fake-exchange.ts';

let skew = 0;
let bench: ExchangeOnlineBench;
beforeEach(async () => {
  skew = 0;
  bench = await openBench({ authority: await authority(), clock: { now: () => Date.now() + skew } });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

const ORIGIN = `https://${EXCHANGE_HOSTS.exchange}`;
const INVOKE = `/adminapi/beta/${CONTOSO.id}/InvokeCommand`;
const STATE = `/AdminApi/beta/${CONTOSO.id}/BasicInfo('AdminApiState')`;
const BODY = JSON.stringify({ CmdletInput: { CmdletName: 'Get-Mailbox', Parameters: {} } });

interface Ask {
  readonly path?: string;
  readonly origin?: string;
  readonly method?: string;
  readonly body?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const tokenFor = (resource: string, tenantId = CONTOSO.id): string =>
  bench.provider.issueForApplication(tenantId, SECRET_APPLICATION, `${resource}/.default`);

function ask({
  path = INVOKE,
  origin = ORIGIN,
  method = 'POST',
  headers,
  ...rest
}: Ask = {}): Promise<Response> {
  const { token = tokenFor(ORIGIN), body = method === 'POST' ? BODY : undefined } = rest;
  return fetchOver(bench)(`${origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'connection-id': randomUUID(),
      'client-request-id': randomUUID(),
      'x-anchormailbox': `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${CONTOSO.id}`,
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
}

const statusOf = async (asked?: Ask): Promise<number> => (await ask(asked)).status;

describe('a token', () => {
  it('is needed, and must be for this service, of this tenant and of now', async () => {
    expect(await statusOf()).toBe(200);
    expect(await statusOf({ headers: { authorization: '' } })).toBe(401);
    expect(await statusOf({ token: 'made.up.token' })).toBe(401);
    expect(await statusOf({ token: tokenFor('https://graph.microsoft.com') })).toBe(401);
    expect(await statusOf({ token: tokenFor(ORIGIN, FABRIKAM.id) })).toBe(401);
    const token = tokenFor(ORIGIN);
    skew = 2 * 3_600_000;
    expect(await statusOf({ token })).toBe(401);
  });

  it('for Exchange is none for Security & Compliance', async () => {
    const origin = `https://${EXCHANGE_HOSTS.compliance}`;
    const body = BODY.replace('Get-Mailbox', 'Get-ComplianceCase');
    expect(await statusOf({ origin, body })).toBe(401);
    expect(await statusOf({ origin, body, token: tokenFor(origin) })).toBe(200);
  });
});

describe('a request', () => {
  it('is found in any case, at both versions', async () => {
    expect(await statusOf({ path: STATE, method: 'GET' })).toBe(200);
    expect(await statusOf({ path: INVOKE.replace('beta', 'v1.0').toUpperCase() })).toBe(200);
    expect(await statusOf({ path: '/adminapi/beta/x' })).toBe(404);
    expect(await statusOf({ path: INVOKE.replace('beta', 'v9') })).toBe(404);
  });

  it('must be of the right kind, whole, and name its ids and its anchor', async () => {
    expect(await statusOf({ method: 'GET' })).toBe(405);
    expect(await statusOf({ path: STATE })).toBe(405);
    expect(await statusOf({ headers: { 'content-type': 'text/plain' } })).toBe(415);
    for (const body of ['', '[]', '{}', '{"CmdletInput":{}}', '{"CmdletInput":{"CmdletName":5}}'])
      expect([body, await statusOf({ body })]).toEqual([body, 400]);
    for (const name of ['connection-id', 'client-request-id', 'x-anchormailbox'])
      expect([name, await statusOf({ headers: { [name]: 'x' } })]).toEqual([name, 400]);
  });

  it('to the documented endpoint is for one cmdlet without parameters', async () => {
    const path = `/adminapi/v2.0/${CONTOSO.id}/OrganizationConfig`;
    const input = (CmdletName: string, Parameters = {}) =>
      JSON.stringify({ CmdletInput: { CmdletName, Parameters } });
    expect(await statusOf({ path, body: input('Get-OrganizationConfig') })).toBe(200);
    expect(await statusOf({ path })).toBe(400);
    expect(await statusOf({ path, body: input('Get-OrganizationConfig', { Identity: 'x' }) })).toBe(400);
    expect(await statusOf({ path: path.replace('OrganizationConfig', 'Mailbox') })).toBe(404);
  });
});

describe('the bench', () => {
  it('knows a connection by its requests', async () => {
    const id = randomUUID();
    await ask({ headers: { 'connection-id': id } });
    expect(bench.exchange.connection(id)?.requestIds).toHaveLength(1);
    expect(bench.exchange.connection(randomUUID())).toBeUndefined();
  });

  it('gives out passwords of its own where it is asked to', async () => {
    await using other = await openBench({ password: () => 'a-password-of-its-own' });
    expect(new Set(other.facts.users.map(({ password }) => password))).toEqual(
      new Set(['a-password-of-its-own']),
    );
  });
});
