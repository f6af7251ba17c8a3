import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret, type DisconnectError, type ErrorCode, type Session } from '@slipline/core';
import {
  CONTOSO,
  faults,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type Fault,
} from '@slipline/microsoft-identity/testing';
import { EXPIRED_CERTIFICATE, PRIVATE_KEY } from './certificates.test.support.ts';
import { entra } from './plugin.ts';
import { failureOf, World, type WorldOptions } from './testing/world.test.support.ts';

const ADA = 'ada@contoso.onmicrosoft.com';
const HOUR = 3_600_000;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-'));
  await writeFile(join(folder, 'expired.pem'), EXPIRED_CERTIFICATE + PRIVATE_KEY);
});
afterAll(() => rm(folder, { recursive: true }));

/** One clear message with the next step, and no secret in anything that could be shown. */
function expectClear(world: World, error: unknown, code: ErrorCode, identityCode?: string): void {
  expect(error).toMatchObject({ code, ...(identityCode !== undefined && { details: { identityCode } }) });
  const { message, next } = error as DisconnectError;
  expect(message).toMatch(/^[^\n]{10,300}$/);
  expect(next).toMatch(/^[^\n]{5,900}$/);
  const shown =
    inspect([error, world.log.records], { depth: 10, maxStringLength: null }) + JSON.stringify(error);
  const canaries = world.provider.canaries();
  expect(canaries.length).toBeGreaterThan(3);
  expect(canaries.filter((canary) => shown.includes(canary))).toEqual([]);
}

type Case = readonly [
  what: string,
  connect: (world: World) => Promise<Session>,
  code: ErrorCode,
  identityCode: string,
  options?: WorldOptions,
];

const refused = (number: number) => (world: World) => {
  world.provider.refuse(ADA, number);
  return world.connect();
};
const answered = (fault: Fault) => (world: World) => {
  world.provider.inject(fault, { path: '/token' });
  return world.connectApplication();
};
const forged = (fault: Fault) => (world: World) => {
  world.provider.inject(fault, { path: '/token' });
  return world.connect();
};
const declined = async (world: World) => world.connect({}, 'decline');

const CASES: readonly Case[] = [
  [
    'an unknown tenant',
    (world) => world.connect({ tenantId: 'nowhere.example' }),
    'invalid-request',
    'unknown-tenant',
  ],
  [
    'a malformed tenant',
    (world) => world.connect({ tenantId: 'a b/../c' }),
    'invalid-request',
    'invalid-settings',
  ],
  [
    "an application's sign-in to no tenant",
    (world) => world.connectApplication({ tenantId: undefined }),
    'invalid-request',
    'invalid-settings',
  ],
  [
    'a wrong secret',
    (world) => world.connectApplication({ clientSecret: new Secret('wrong-secret-of-nobody') }),
    'unauthenticated',
    'wrong-credential',
  ],
  [
    'an expired secret',
    (world) => {
      const secrets = [{ value: 'fake~client-secret', expiresAt: 1 }];
      world.provider.register(CONTOSO.id, { ...SECRET_APPLICATION, secrets });
      return world.connectApplication();
    },
    'unauthenticated',
    'expired-credential',
  ],
  [
    'an expired certificate',
    (world) =>
      world.connectApplication({ clientSecret: undefined, certificateFile: join(folder, 'expired.pem') }),
    'unauthenticated',
    'expired-credential',
  ],
  [
    'a certificate that is not there',
    (world) => world.connectApplication({ clientSecret: undefined, certificateFile: join(folder, 'none') }),
    'invalid-request',
    'invalid-settings',
  ],
  [
    'consent missing',
    (world) => {
      world.provider.register(CONTOSO.id, { ...PUBLIC_APPLICATION, consent: 'admin' });
      return world.connectOnly({ clientId: PUBLIC_APPLICATION.clientId, tenantId: CONTOSO.id });
    },
    'forbidden',
    'consent-required',
  ],
  ['a second factor required', refused(50076), 'unauthenticated', 'mfa-required'],
  ['Conditional Access', refused(53003), 'forbidden', 'blocked-by-policy'],
  ['a locked account', refused(50053), 'forbidden', 'account-refused'],
  ['a device code declined', declined, 'unauthenticated', 'declined'],
  [
    'a device code expired',
    (world) => {
      world.provider.configure({ deviceCode: { lifetime: 1, interval: 5 } });
      return world.connect();
    },
    'unauthenticated',
    'code-expired',
    { notice: async () => undefined },
  ],
  ['a page for a token', answered(faults.html()), 'protocol', 'bad-answer'],
  ['404 and JSON without an error', answered(faults.notFoundJson()), 'protocol', 'bad-answer'],
  ['200 and nothing', answered(faults.empty()), 'protocol', 'bad-answer'],
  ['an empty token', answered(faults.emptyToken()), 'protocol', 'bad-answer'],
  ['no JSON', answered(faults.notJson()), 'protocol', 'bad-answer'],
  ['JSON of great depth', answered(faults.deepJson()), 'protocol', 'bad-answer'],
  ['an endless answer', answered(faults.hugeBody()), 'protocol', 'bad-answer'],
  ['everything echoed', answered(faults.echo()), 'unauthenticated', 'wrong-credential'],
  ['too many requests', answered(faults.throttled(7)), 'quota', 'throttled'],
  ['a service that is down', answered(faults.unavailable()), 'unreachable', 'unavailable'],
  [
    'a redirect to a foreign host',
    answered(faults.redirectTo('https://evil.example/')),
    'untrusted',
    'foreign-host',
  ],
  [
    'endpoints on a foreign host',
    (world) => {
      world.provider.inject(faults.foreignEndpoints('https://evil.example'), {
        path: '/openid-configuration',
      });
      return world.connectApplication();
    },
    'untrusted',
    'untrusted-answer',
  ],
  ['a token for another tenant', forged(faults.forge('tenant')), 'untrusted', 'wrong-tenant'],
  ['an id token with a bad issuer', forged(faults.forge('issuer')), 'untrusted', 'untrusted-answer'],
  ['an id token for another application', forged(faults.forge('audience')), 'untrusted', 'untrusted-answer'],
  ['an id token that is none', forged(faults.forge('id-token')), 'protocol', 'bad-answer'],
  [
    'a clock that is wrong',
    (world) => world.connect(),
    'unauthenticated',
    'clock-skew',
    { now: () => Date.now() + 3 * HOUR },
  ],
  [
    'a given token that has expired',
    (world) => {
      const token = world.provider.issueForApplication(
        CONTOSO.id,
        SECRET_APPLICATION,
        `${world.graph.origin}/.default`,
      );
      return world.connectOnly({ accessToken: new Secret(token) });
    },
    'unauthenticated',
    'sign-in-required',
    { now: () => Date.now() + 3 * HOUR },
  ],
  [
    'a given token that is none',
    (world) => world.connectOnly({ accessToken: new Secret('Bearer two words') }),
    'invalid-request',
    'invalid-settings',
  ],
  [
    'no managed identity',
    (world) => world.connectOnly({ identity: true }),
    'invalid-request',
    'invalid-settings',
    { variables: { IDENTITY_ENDPOINT: 'http://evil.example/', IDENTITY_HEADER: 'x' } },
  ],
  [
    'no federated token',
    (world) => world.connectApplication({ clientSecret: undefined, federated: true }),
    'invalid-request',
    'invalid-settings',
  ],
  [
    'variables that say nothing',
    (world) => world.connectOnly({ environmentVariable: true }),
    'invalid-request',
    'invalid-settings',
  ],
];

describe('a sign-in', () => {
  it.each(CASES)(
    'with %s fails in plain words, and leaves nothing',
    async (...[, connect, code, identityCode, options]: Case) => {
      await using world = await World.open(options);
      const error = await failureOf(connect(world));
      expectClear(world, error, code, identityCode);
      expect(await world.ledger.entries()).toEqual([]);
    },
  );

  it('that nobody answers ends at its deadline', async () => {
    await using world = await World.open();
    const fault = world.provider.inject(faults.hang(), { path: '/token' });
    const connecting = world.slipline.connect('entra', world.bench.applicationValues(), { timeout: 400 });
    expect(await failureOf(connecting)).toMatchObject({ code: 'timeout' });
    fault.release();
  });

  it.each([
    [{ useDeviceCode: true, identity: true }, /exclude each other/],
    [{ accessToken: new Secret('x'), clientId: 'x' }, /exclude each other/],
    [{ scopes: ['User.Read'], identity: true }, /exclude each other/],
    [{ certificatePassword: new Secret('x') }, /needs certificateFile/],
    [{ clientSecret: 'plain' }, /must come as a Secret/],
    [{ password: new Secret('x') }, /unknown parameter/],
    [{ userName: 'x' }, /unknown parameter/],
    [{ certificateSubjectName: 'CN=x' }, /unknown parameter/],
    [{ clientTimeout: 0 }, /at least 1/],
    [{ contextScope: 'machine' }, /is one of/],
  ])('is not begun with %j', async (values, message) => {
    await using world = await World.open();
    expect(await failureOf(world.connectOnly(values))).toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(message),
    });
    expect(world.requestCount).toBe(0);
  });
});

describe('a session that is kept', () => {
  it.each<[string, string]>([
    ['is empty', ''],
    ['is cut off', '{"format":1,"environment":"Glob'],
    ['is of a later version', '{"format":2}'],
    ['holds a partition that is none', ''],
  ])('and %s says so, and can be forgotten', async (what, text) => {
    await using world = await World.open();
    const session = await world.connect();
    const whole = (await world.ledger.secret(session)).reveal();
    const { partition, ...kept } = JSON.parse(whole) as Record<string, unknown>;
    const broken = what.includes('partition')
      ? JSON.stringify({ ...kept, partition: String(partition).slice(0, -7) })
      : text;
    await world.ledger.renew(session, async () => ({ secret: new Secret(broken) }));
    world.clearRequests();
    expectClear(
      world,
      await failureOf(world.slipline.access(session)),
      'unauthenticated',
      'unreadable-partition',
    );
    const { sessions, problems } = await world.list({}, true);
    expect(sessions.map(({ id }) => id)).toEqual(['1']);
    expect([sessions[0]?.state, problems.length]).toEqual(
      what.includes('partition') ? ['expired', 0] : ['live', 1],
    );
    expect(world.requestCount).toBe(0);
    expect((await world.ledger.secret(session)).reveal()).toBe(broken);
    expect(await world.end(session)).toMatchObject({ status: 'disconnected' });
  });

  it.each<[string, Fault, ErrorCode, string | undefined]>([
    ['a page', faults.html(), 'protocol', 'bad-answer'],
    ['nothing', faults.empty(), 'protocol', 'bad-answer'],
    ['an empty token', faults.emptyToken(), 'protocol', 'bad-answer'],
    ['a token of another account', faults.forge('account'), 'untrusted', 'wrong-account'],
    ['a token that has expired', faults.forge('expired-token'), 'untrusted', 'untrusted-answer'],
    ['a reset', faults.reset(), 'unreachable', undefined],
    ['everything echoed', faults.echo(), 'unauthenticated', undefined],
  ])('whose refresh is answered with %s stays as it was', async (_what, fault, code, identityCode) => {
    await using world = await World.open();
    world.provider.configure({ accessTokenLifetime: 60 });
    const session = await world.connect();
    const before = (await world.ledger.secret(session)).reveal();
    const active = world.provider.inject(fault, { path: '/token' });
    expectClear(world, await failureOf(world.slipline.access(session)), code, identityCode);
    expect((await world.ledger.secret(session)).reveal()).toBe(before);
    active.remove();
    expect(world.provider.introspect(await world.token(session))?.userName).toBe(ADA);
  });

  it('and was revoked elsewhere says so', async () => {
    await using world = await World.open();
    world.provider.configure({ accessTokenLifetime: 60 });
    const session = await world.connect();
    world.provider.revoke(ADA);
    const error = await failureOf(world.slipline.access(session));
    expectClear(world, error, 'unauthenticated', 'grant-revoked');
  });
});

describe('options', () => {
  it.each([
    [{ clientId: 7 }],
    [{ environments: 'Global' }],
    [{ variables: 'x' }],
    [{ variables: null }],
    [{ secret: 'x' }],
  ])('that make no sense are refused: %j', (options) => {
    expect(() => entra(options as never)).toThrow('an option of entra is unknown or of a wrong kind');
  });

  it('with environments that make no sense are refused when somebody connects', async () => {
    await using world = await World.open({
      entra: { environments: [{ name: 'x', login: 'http://a.test' }] },
    });
    expectClear(world, await failureOf(world.connect()), 'invalid-request', 'invalid-settings');
  });
});
