import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { Secret, type DisconnectError, type ErrorCode, type Session } from '@slipline/core';
import {
  CONTOSO,
  FABRIKAM,
  faults,
  SECRET_APPLICATION,
  type Fault,
} from '@slipline/microsoft-identity/testing';
import { CERTIFICATE, PRIVATE_KEY } from './certificate.test.support.ts';
import { EXCHANGE_HOSTS, exchangeFaults } from './testing/index.ts';
import { errorOf, World } from './testing/world.test.support.ts';

jest.setTimeout(30_000);

const HOUR = 3_600_000;
const TOKEN = { path: '/oauth2/v2.0/token' };
const ADA = 'ada@contoso.onmicrosoft.com';

/** One clear message with a next step, and nothing left behind. */
async function expectRefused(
  world: World,
  pending: Promise<unknown>,
  code: ErrorCode,
): Promise<DisconnectError> {
  const error = await errorOf(pending);
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(/^\S.{10,300}$/)]);
  expect(error.next).toEqual(expect.stringMatching(/\S/));
  expect(await world.entries()).toEqual([]);
  const shown = JSON.stringify([error, error.message, world.log.records]);
  for (const canary of world.bench.canaries()) expect(shown).not.toContain(canary);
  return error;
}

describe('a sign-in as an application', () => {
  it('to a tenant that does not exist', async () => {
    await using world = await World.open();
    const pending = world.connectApplication({ organization: 'nowhere.onmicrosoft.com' });
    await expectRefused(world, pending, 'invalid-request');
  });

  it('that another tenant does not know', async () => {
    await using world = await World.open();
    const pending = world.connectApplication({ organization: FABRIKAM.domains[0] });
    await expectRefused(world, pending, 'invalid-request');
  });

  it('with a wrong secret', async () => {
    await using world = await World.open();
    const clientSecret = new Secret('wrong-secret-of-somebody');
    const error = await expectRefused(world, world.connectApplication({ clientSecret }), 'unauthenticated');
    expect(JSON.stringify(error)).not.toContain('wrong-secret-of-somebody');
  });

  it('with an expired secret', async () => {
    await using world = await World.open();
    const secrets = [{ value: 'fake~client-secret', expiresAt: Date.now() - HOUR }];
    world.bench.provider.register(CONTOSO.id, { ...SECRET_APPLICATION, secrets });
    await expectRefused(world, world.connectApplication(), 'unauthenticated');
  });

  it('without the role at Exchange', async () => {
    await using world = await World.open();
    world.bench.provider.register(CONTOSO.id, { ...SECRET_APPLICATION, roles: [] });
    await expectRefused(world, world.connectApplication(), 'forbidden');
  });

  describe('with a certificate', () => {
    async function withFile(content: string, work: (file: string) => Promise<void>): Promise<void> {
      const folder = await mkdtemp(join(tmpdir(), 'slipline-'));
      try {
        const file = join(folder, 'certificate.pem');
        await writeFile(file, content);
        await work(file);
      } finally {
        await rm(folder, { recursive: true });
      }
    }
    const connect = (world: World, certificateFilePath: string) =>
      world.connectApplication({ clientSecret: undefined, certificateFilePath });

    it('that has expired asks for no token', () =>
      withFile(`${CERTIFICATE}${PRIVATE_KEY}`, async (file) => {
        await using world = await World.open();
        world.advance(Date.UTC(2140, 0) - Date.now());
        await expectRefused(world, connect(world, file), 'unauthenticated');
        expect(world.bench.provider.requestsTo(TOKEN.path)).toEqual([]);
      }));

    it('that the application does not know', () =>
      withFile(`${CERTIFICATE}${PRIVATE_KEY}`, async (file) => {
        await using world = await World.open();
        await expectRefused(world, connect(world, file), 'unauthenticated');
      }));

    it.each([
      ['without its key', CERTIFICATE],
      ['that is none', 'hello'],
      ['that is empty', ''],
    ])('%s', (_name, content) =>
      withFile(content, async (file) => {
        await using world = await World.open();
        await expectRefused(world, connect(world, file), 'invalid-request');
      }),
    );

    it('whose file is not there', async () => {
      await using world = await World.open();
      await expectRefused(world, connect(world, '/no/such/file.pem'), 'invalid-request');
    });
  });
});

describe('a person', () => {
  it.each<[string, number, ErrorCode]>([
    ['who must prove more than a password', 50076, 'unauthenticated'],
    ['whom Conditional Access keeps out', 53003, 'forbidden'],
    ['who has not consented', 65001, 'forbidden'],
    ['whose administrator has not consented', 90094, 'forbidden'],
    ['who is disabled', 50057, 'forbidden'],
    ['whose password has expired', 50055, 'forbidden'],
  ])('%s', async (_name, aadsts, code) => {
    await using world = await World.open();
    world.bench.provider.refuse(ADA, aadsts);
    const error = await expectRefused(world, world.connect(), code);
    expect(error.details).toMatchObject({ aadsts });
  });

  it('who declines the code', async () => {
    const decline = async (world: World) => world.bench.provider.declineDevice(codeOf(world));
    await using world = await World.open({ prompts: { notice: async () => decline(world) } });
    await expectRefused(world, world.connect(), 'unauthenticated');
  });

  it('who does not come in time', async () => {
    await using world = await World.open({ prompts: { notice: async () => world.advance(HOUR) } });
    await expectRefused(world, world.connect(), 'unauthenticated');
  });

  it('who is not there to be told', async () => {
    await using world = await World.open({ prompts: {} });
    await expectRefused(world, world.connect(), 'unauthenticated');
  });

  it('who interrupts', async () => {
    const abort = new AbortController();
    await using world = await World.open({ prompts: { notice: async () => abort.abort() } });
    const values = world.bench.connectValues();
    const pending = world.slipline.connect('exchange-online', values, { signal: abort.signal });
    expect((await errorOf(pending)).code).toBe('aborted');
    expect(await world.entries()).toEqual([]);
  });
});

describe('an answer of the directory', () => {
  it.each<[string, Fault, ErrorCode]>([
    ['that is a web page', faults.html(), 'protocol'],
    ['that is 404 without an error', faults.notFoundJson(), 'protocol'],
    ['that is nothing', faults.empty(), 'protocol'],
    ['that has an empty token', faults.emptyToken(), 'protocol'],
    ['that is not JSON', faults.notJson(), 'protocol'],
    ['that is as deep as an abyss', faults.deepJson(), 'protocol'],
    ['that is larger than anything', faults.hugeBody(3_000_000), 'protocol'],
    ['that never comes to an end', faults.reset(), 'unreachable'],
    ['that leads to a foreign host', faults.redirectTo('https://login.elsewhere.example/'), 'untrusted'],
    ['that wants fewer requests', faults.throttled(30), 'quota'],
    ['that is busy', faults.unavailable(), 'unreachable'],
    ['that repeats what it was told', faults.echo(), 'unauthenticated'],
    ['that has a token of another tenant', faults.forge('tenant'), 'untrusted'],
    ['that has a token that has expired', faults.forge('expired-token'), 'untrusted'],
  ])('%s', async (_name, fault, code) => {
    await using world = await World.open();
    world.bench.provider.inject(fault, TOKEN);
    await expectRefused(world, world.connectApplication(), code);
    expect(world.bench.exchange.requestCount).toBe(0);
  });

  it.each<[string, Fault, ErrorCode]>([
    ['that was issued by somebody else', faults.forge('issuer'), 'untrusted'],
    ['that is for somebody else', faults.forge('audience'), 'untrusted'],
    ['that is of another tenant', faults.forge('tenant'), 'untrusted'],
    ['that is none', faults.forge('id-token'), 'protocol'],
  ])('for a person, with an id token %s', async (_name, fault, code) => {
    await using world = await World.open();
    world.bench.provider.inject(fault, TOKEN);
    await expectRefused(world, world.connect({ organization: CONTOSO.domains[0] }), code);
    expect(world.bench.exchange.requestCount).toBe(0);
  });

  it('that never comes ends at the deadline, and a token that nobody has is no connection', async () => {
    await using world = await World.open();
    const hang = world.bench.provider.inject(faults.hang(), TOKEN);
    const pending = world.slipline.connect('exchange-online', world.bench.applicationValues(), {
      timeout: 300,
    });
    expect((await errorOf(pending)).code).toBe('timeout');
    expect(await world.entries()).toEqual([]);
    hang.release();
  });
});

describe('an answer of the service to a connect', () => {
  it.each<[string, Fault, ErrorCode]>([
    ['that refuses the token', exchangeFaults.unauthorized(), 'unauthenticated'],
    ['that challenges it again and again', exchangeFaults.challenged(), 'unauthenticated'],
    ['that refuses it with a body that cannot be unpacked', exchangeFaults.falselyPacked(), 'forbidden'],
    [
      'that leads to a foreign host',
      exchangeFaults.redirectTo('https://outlook.elsewhere.example/'),
      'protocol',
    ],
    ['that is a web page', faults.html(), 'protocol'],
    ['that says it does not run', exchangeFaults.state('Stopped'), 'protocol'],
    ['that does not know the tenant', exchangeFaults.status(404), 'protocol'],
    ['that breaks off', faults.reset(), 'unreachable'],
    ['that wants an hour of patience', exchangeFaults.throttled(3600), 'quota'],
  ])('%s', async (_name, fault, code) => {
    await using world = await World.open();
    world.bench.exchange.inject(fault);
    await expectRefused(world, world.connectApplication(), code);
  });
});

describe('a given token', () => {
  const given = (world: World, tenantId: string, origin: string, organization: string) =>
    world.connect({
      device: undefined,
      organization,
      accessToken: new Secret(
        world.bench.provider.issueForApplication(tenantId, SECRET_APPLICATION, `${origin}/.default`),
      ),
    });
  const exchange = `https://${EXCHANGE_HOSTS.exchange}`;

  it('of another tenant is not used', async () => {
    await using world = await World.open();
    await expectRefused(world, given(world, FABRIKAM.id, exchange, 'contoso.onmicrosoft.com'), 'untrusted');
    expect(world.bench.exchange.requestCount).toBe(0);
  });

  it('for another service is refused there', async () => {
    await using world = await World.open();
    const pending = given(world, CONTOSO.id, world.bench.graph.origin, 'contoso.onmicrosoft.com');
    await expectRefused(world, pending, 'unauthenticated');
  });
});

describe('a clock that is wrong', () => {
  it('by hours is named', async () => {
    await using world = await World.open({ clock: { now: () => Date.now() - 5 * HOUR } });
    const error = await expectRefused(world, world.connectApplication(), 'unauthenticated');
    expect(error.details).toMatchObject({ identityCode: 'clock-skew' });
  });
});

describe('values that make no sense', () => {
  const jwt = 'eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ4In0.x';
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['a prefix with blanks', { prefix: 'My prefix' }],
    ['the reserved prefix', { prefix: 'exo' }],
    ['a page of nothing', { pageSize: 0 }],
    ['a page too large', { pageSize: 1001 }],
    ['an address that is none', { connectionUri: 'outlook.office365.com' }],
    ['an address without TLS', { connectionUri: 'http://outlook.office365.com' }],
    ['an address with a password', { connectionUri: 'https://a:b@outlook.office365.com' }],
    [
      'a sign-in address without TLS',
      { azureADAuthorizationEndpointUri: 'http://login.microsoftonline.com/x' },
    ],
    ['an environment that is not there', { exchangeEnvironmentName: 'O365Moon' }],
    ['a secret without an organization', { device: undefined, clientSecret: new Secret('a-secret') }],
    ['a certificate without an organization', { device: undefined, certificateFilePath: 'x.pem' }],
    ['a managed identity without an organization', { device: undefined, managedIdentity: true }],
    ['an organization by GUID', { organization: CONTOSO.id }],
    ['an account of a managed identity that is not used', { managedIdentityAccountId: CONTOSO.id }],
    ['two ways to sign in', { clientSecret: new Secret('a-secret'), organization: 'contoso.com' }],
    [
      'a token that is none',
      { device: undefined, accessToken: new Secret('not a token'), organization: 'contoso.com' },
    ],
    ['a token of nobody', { device: undefined, accessToken: new Secret(jwt) }],
    ['a password for no certificate', { certificatePassword: new Secret('a-secret') }],
    ['an application that is no GUID', { clientId: 'my application' }],
    ['a user name and a password', { credential: 'somebody' }],
  ])('%s', async (_name, values) => {
    await using world = await World.open();
    const error = await errorOf(world.connect(values));
    expect(error.code).toBe('invalid-request');
    expect(error.next ?? error.message).toMatch(/\S/);
    expect([await world.entries(), world.bench.requests?.()]).toEqual([[], 0]);
  });

  it('environments that are no environments', async () => {
    await using world = await World.open({ variables: { SLIPLINE_ENTRA_ENVIRONMENTS: '[{"name":5}]' } });
    expect((await errorOf(world.connect())).code).toBe('invalid-request');
    await using other = await World.open({
      plugin: { environments: [{ name: 'x', login: 'http://plain' }] },
    });
    expect((await errorOf(other.connect())).code).toBe('invalid-request');
  });
});

describe('what is kept', () => {
  const spoil = (world: World, session: Session, text: string) =>
    world.ledger.renew(session, async () => ({ secret: new Secret(text) }));

  it.each([
    '',
    'no JSON',
    '{"format":1}',
    '{"format":2,"method":{"kind":"device-code"}}',
    '['.repeat(100_000),
  ])('and is corrupted (%#) can be forgotten, and used no more', async (text) => {
    await using world = await World.open();
    const session = await world.connect();
    await spoil(world, session, text);
    const error = await errorOf(world.slipline.access(session));
    expect(error).toMatchObject({ code: 'unauthenticated', next: expect.stringContaining('disconnect') });
    expect(await world.list(true)).toMatchObject([{ state: 'broken', details: { state: 'Broken' } }]);
    const { outcomes } = await world.disconnect({ connectionId: [session.id] });
    expect(outcomes).toMatchObject([{ status: 'disconnected' }]);
    expect(await world.entries()).toEqual([]);
  });

  it('of another tenant is never answered from', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const { partition, ...rest } = JSON.parse((await world.ledger.secret(session)).reveal()) as {
      partition: string;
    };
    await spoil(world, session, JSON.stringify({ ...rest, tenant: FABRIKAM.id, partition }));
    expect((await errorOf(world.slipline.access(session))).code).toBe('untrusted');
  });

  it('is renewed by two processes at once, and good afterwards', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.advance(2 * HOUR);
    await using other = world.app();
    const both = await Promise.all([world.slipline.access(session), other.access(session)]);
    for (const { environment } of both) {
      const token = environment['EXCHANGE_ONLINE_ACCESS_TOKEN'] as Secret;
      expect(world.bench.provider.introspect(token.reveal())).toMatchObject({ isExpired: false });
    }
    world.advance(2 * HOUR);
    await world.slipline.access(session);
  });

  it('is gone for whoever comes too late', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const plan = await world.slipline.plan({
      provider: 'exchange-online',
      selector: { connectionId: [session.id] },
    });
    await using other = world.app();
    const reports = await Promise.all([world.slipline.apply(plan), other.apply(plan)]);
    const statuses = reports.flatMap(({ outcomes }) => outcomes.map(({ status }) => status));
    expect(statuses.every((status) => status === 'disconnected' || status === 'already-gone')).toBe(true);
    expect(statuses).toContain('disconnected');
    expect(await world.entries()).toEqual([]);
  });

  it('has changed since it was chosen, and is left alone', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const { problems } = await world.slipline.plan({
      sessions: [{ ...session, fingerprint: 'another' }],
    });
    expect(problems.map(({ error }) => error.code)).toEqual(['changed']);
  });
});

describe('a refresh', () => {
  it.each<[string, (world: World) => void, ErrorCode]>([
    ['that the directory refuses for ever', (world) => world.bench.provider.revoke(ADA), 'unauthenticated'],
    [
      'that the directory refuses for now',
      (world) => world.bench.provider.refuse(ADA, 50076),
      'unauthenticated',
    ],
    ['that fails', (world) => void world.bench.provider.inject(faults.unavailable(), TOKEN), 'unreachable'],
    [
      'that brings a token of another tenant',
      (world) => void world.bench.provider.inject(faults.forge('tenant'), TOKEN),
      'untrusted',
    ],
    [
      'that brings a token of somebody else',
      (world) => void world.bench.provider.inject(faults.forge('account'), TOKEN),
      'untrusted',
    ],
  ])('%s loses nothing', async (_name, upset, code) => {
    await using world = await World.open();
    const session = await world.connect();
    const kept = (await world.ledger.secret(session)).reveal();
    world.advance(2 * HOUR);
    upset(world);
    expect(await errorOf(world.slipline.access(session))).toMatchObject({ code, next: expect.any(String) });
    expect((await world.ledger.secret(session)).reveal()).toBe(kept);
  });
});

describe('a revocation', () => {
  it('that is interrupted while the directory is asked forgets all the same', async () => {
    await using world = await World.open();
    const { id } = await world.connect();
    world.bench.fail('hang');
    const options = { effect: 'revoke', timeout: 300 } as const;
    const { outcomes } = await world.disconnect({ connectionId: [id] }, options);
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'timeout', message: expect.stringContaining('not known') } },
    ]);
    expect(await world.entries()).toEqual([]);
  });

  it('that is interrupted before anything was asked stays to be finished', async () => {
    await using world = await World.open();
    const { id } = await world.connect();
    const hang = world.bench.provider.inject(faults.hang(), TOKEN);
    const selector = { connectionId: [id] };
    const { outcomes } = await world.disconnect(selector, { effect: 'revoke', timeout: 300 });
    expect(outcomes).toMatchObject([{ status: 'failed', error: { code: 'timeout' } }]);
    expect(await world.list()).toMatchObject([{ id }]);
    hang.remove();
    hang.release();
    const again = await world.disconnect(selector, { effect: 'revoke' });
    expect(again.outcomes).toMatchObject([{ status: 'disconnected', verification: 'verified' }]);
  });

  it('that only says it was done is not believed', async () => {
    await using world = await World.open();
    const { id } = await world.connect();
    world.bench.fail('lie');
    const options = { effect: 'revoke', verifyTimeout: 300 } as const;
    const { outcomes } = await world.disconnect({ connectionId: [id] }, options);
    expect(outcomes).toMatchObject([{ status: 'disconnected', verification: 'pending' }]);
  });

  it('without the permission says which, and forgets all the same', async () => {
    await using world = await World.open();
    const [application] = CONTOSO.applications;
    world.bench.provider.register(CONTOSO.id, {
      ...(application ?? SECRET_APPLICATION),
      scopes: ['User.Read', 'AdminApi.AccessAsUser.All'],
    });
    const { id } = await world.connect();
    const { outcomes } = await world.disconnect({ connectionId: [id] }, { effect: 'revoke' });
    expect(outcomes).toMatchObject([
      { error: { code: 'forbidden', message: expect.stringContaining('User.RevokeSessions.All') } },
    ]);
    expect(await world.entries()).toEqual([]);
  });
});

describe('a region', () => {
  it('that leads elsewhere is never told the token', async () => {
    await using world = await World.open();
    await world.connect();
    world.bench.exchange.clearRequests();
    world.bench.exchange.configure({
      redirects: { [EXCHANGE_HOSTS.exchange]: `https://${EXCHANGE_HOSTS.exchange}.elsewhere.example/` },
    });
    expect(await world.list(true)).toMatchObject([
      { state: 'broken', details: { reason: expect.stringContaining('foreign host') } },
    ]);
  });
});

function codeOf(world: World): string {
  return world.bench.provider.deviceCodes().at(-1)?.userCode ?? '';
}
