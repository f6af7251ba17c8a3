import { describe, expect, it, jest } from '@jest/globals';
import { dangerOf, recordOf, Secret, type Outcome } from '@slipline/core';
import { CONTOSO, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { factOf } from './connection-record.ts';
import { ExchangeClient } from './index.ts';
import { EXCHANGE_HOSTS, exchangeFaults } from './testing/index.ts';
import { fetchOver } from './testing/world-fetch.test.support.ts';
import { errorOf, World } from './testing/world.test.support.ts';

jest.setTimeout(30_000);

const HOUR = 3_600_000;

function said(outcome: Outcome | undefined): string {
  switch (outcome?.status) {
    case 'disconnected':
      return `disconnected: ${outcome.effect}, ${outcome.verification}`;
    case 'failed':
      return `failed: ${outcome.error.code}`;
    default:
      return outcome?.status ?? 'none';
  }
}

describe('a list', () => {
  it('has the properties of Get-ConnectionInformation, in its order', async () => {
    await using world = await World.open();
    const session = await world.connect({ prefix: 'Contoso' });
    const [listed] = await world.list(true);
    const record = recordOf(world.bench.plugin.record ?? [], listed ?? session);
    expect(Object.keys(record)).toEqual([
      'ConnectionId',
      'State',
      'Id',
      'Name',
      'UserPrincipalName',
      'ConnectionUri',
      'AzureAdAuthorizationEndpointUri',
      'TokenExpiryTimeUTC',
      'CertificateAuthentication',
      'ModuleName',
      'ModulePrefix',
      'Organization',
      'DelegatedOrganization',
      'AppId',
      'PageSize',
      'TenantID',
      'TokenStatus',
      'ConnectionUsedForInbuiltCmdlets',
      'IsEopSession',
    ]);
    expect(record).toMatchObject({
      ConnectionId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      State: 'Connected',
      Id: 1,
      Name: 'ExchangeOnline_1',
      UserPrincipalName: 'ada@contoso.onmicrosoft.com',
      ConnectionUri: `https://${EXCHANGE_HOSTS.exchange}`,
      AzureAdAuthorizationEndpointUri: `${world.bench.provider.origin}/organizations`,
      TokenExpiryTimeUTC: expect.stringMatching(/^\d{4}-.*Z$/),
      CertificateAuthentication: false,
      ModuleName: null,
      ModulePrefix: 'Contoso',
      Organization: null,
      DelegatedOrganization: null,
      PageSize: 1000,
      TenantID: CONTOSO.id,
      TokenStatus: 'Active',
      ConnectionUsedForInbuiltCmdlets: true,
      IsEopSession: false,
    });
  });

  it('by ids or prefixes has just these, and says what is not there', async () => {
    await using world = await World.open();
    const [one] = [await world.connect({ prefix: 'Contoso' }), await world.connect()];
    const listed = (selector: object) =>
      world.slipline.sessions({ provider: 'exchange-online', selector: { ...selector } });
    expect((await listed({ connectionId: [one.id] })).sessions.map(({ id }) => id)).toEqual([one.id]);
    const { sessions, problems } = await listed({ modulePrefix: ['contoso', 'Nobody'] });
    expect([sessions.length, problems.map(({ error }) => error.code)]).toEqual([1, ['not-found']]);
  });

  it('asks nobody', async () => {
    await using world = await World.open();
    await world.connect();
    const before = world.bench.requests?.();
    expect(await world.list()).toHaveLength(1);
    expect((await world.slipline.sessions()).sessions).toHaveLength(1);
    expect(world.bench.requests?.()).toBe(before);
  });

  it('says why a connection is broken, and of the token something else', async () => {
    await using world = await World.open();
    await world.connect();
    world.bench.exchange.configure({ state: 'Stopped' });
    expect(await world.list(true)).toMatchObject([
      {
        state: 'broken',
        details: { state: 'Broken', reason: expect.stringContaining('Stopped'), tokenStatus: 'Active' },
      },
    ]);
  });

  it('does not take a connection that could not be asked for a broken one', async () => {
    await using world = await World.open({ plugin: { liveTimeout: 200 } });
    await world.connect();
    const hang = world.bench.exchange.inject({ kind: 'hang' });
    expect(await world.list(true)).toMatchObject([{ state: 'unknown', details: { state: 'Broken' } }]);
    hang.release();
  });

  it('says that a token has run out, without asking anybody', async () => {
    await using world = await World.open();
    await world.connect();
    world.advance(2 * HOUR);
    const before = world.bench.requests?.();
    expect(await world.list()).toMatchObject([
      { state: 'live', details: { tokenStatus: 'Expired', tokenExpiryTimeUTC: null } },
    ]);
    expect(world.bench.requests?.()).toBe(before);
  });

  it('renews a token that has run out when it asks the service, and keeps the new one', async () => {
    await using world = await World.open();
    await world.connect();
    world.advance(2 * HOUR);
    const details = { tokenStatus: 'Active', tokenExpiryTimeUTC: expect.stringMatching(/Z$/) };
    expect(await world.list(true)).toMatchObject([
      { state: 'live', details: { state: 'Connected', ...details } },
    ]);
    expect(await world.list()).toMatchObject([{ details }]);
  });

  it('says which connection serves the built-in cmdlets: the newest to Exchange', async () => {
    await using world = await World.open();
    await world.connect();
    world.advance(1000);
    await world.connect();
    world.advance(1000);
    await world.connect({ kind: 'ipps' });
    const used = (await world.list()).map(({ details }) => details['connectionUsedForInbuiltCmdlets']);
    expect(used).toEqual([false, true, false]);
  });
});

describe('a disconnect', () => {
  it('of nothing in particular forgets every connection, and sends nothing', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({ kind: 'ipps' });
    const before = world.bench.requests?.();
    const { outcomes } = await world.disconnect();
    expect(outcomes.map(said)).toEqual(['disconnected: forget, verified', 'disconnected: forget, verified']);
    expect([await world.entries(), world.bench.requests?.()]).toEqual([[], before]);
  });

  it('of nothing at all is fine', async () => {
    await using world = await World.open();
    expect(await world.disconnect()).toEqual({ outcomes: [], problems: [] });
  });

  it('by ids takes just these, in any case', async () => {
    await using world = await World.open();
    const [one, two, three] = [await world.connect(), await world.connect(), await world.connect()];
    const { outcomes, problems } = await world.disconnect({ connectionId: [one.id.toUpperCase(), three.id] });
    expect([outcomes.length, problems]).toEqual([2, []]);
    expect((await world.list()).map(({ id }) => id)).toEqual([two.id]);
  });

  it('by prefixes takes just these, in any case', async () => {
    await using world = await World.open();
    await world.connect({ prefix: 'Contoso' });
    await world.connect({ prefix: 'Fabrikam' });
    const rest = [await world.connect({ prefix: 'Contoso2' }), await world.connect()];
    await world.disconnect({ modulePrefix: ['CONTOSO', 'fabrikam'] });
    expect((await world.list()).map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
  });

  it('of what is not there is an error, and takes nothing else with it', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const unknown = '1a9e45e8-e7ec-498f-9ac3-0504e987fa85';
    const { outcomes, problems } = await world.disconnect({ connectionId: [unknown] });
    expect([outcomes, problems.map(({ error }) => error.code)]).toEqual([[], ['not-found']]);
    const both = await world.disconnect({ modulePrefix: ['Nobody'] });
    expect(both.problems.map(({ error }) => error.code)).toEqual(['not-found']);
    expect(await world.list()).toMatchObject([{ id: session.id }]);
  });

  it('of what cannot be an id, or by id and prefix at once, is refused', async () => {
    await using world = await World.open();
    const session = await world.connect();
    expect((await errorOf(world.disconnect({ connectionId: ['no GUID'] }))).code).toBe('invalid-request');
    const both = { connectionId: [session.id], modulePrefix: ['Contoso'] };
    expect((await errorOf(world.disconnect(both))).code).toBe('invalid-request');
    expect(await world.entries()).toHaveLength(1);
  });

  it('asks before it forgets even one, and names what goes', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const plan = await world.slipline.plan({
      provider: 'exchange-online',
      selector: { connectionId: [session.id] },
    });
    expect(dangerOf(plan, () => world.bench.plugin.impact).level).toBe('ask');
    expect(plan.steps.map((step) => step.session.label)).toEqual([
      'ada@contoso.onmicrosoft.com on Exchange Online (contoso.onmicrosoft.com)',
    ]);
    const { outcomes } = await world.slipline.apply(plan, { confirm: async () => false });
    expect(outcomes).toMatchObject([{ status: 'skipped', reason: 'declined' }]);
    expect(await world.entries()).toHaveLength(1);
  });

  it('says what remains, and until when', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const { outcomes } = await world.disconnect({ connectionId: [session.id] });
    expect(outcomes).toMatchObject([
      {
        residual: [
          { what: 'copies of the access token', until: session.details['tokenExpiryTimeUTC'] },
          { what: expect.stringContaining('refresh token') },
          { what: expect.stringContaining('browser') },
        ],
      },
    ]);
  });

  it('leaves nothing to go on with', async () => {
    await using world = await World.open();
    const session = await world.connect();
    await world.disconnect();
    expect((await errorOf(world.ledger.secret(session))).code).toBe('not-found');
    expect((await errorOf(world.slipline.access(session))).code).toBe('not-found');
  });
});

describe('revoke', () => {
  it('signs the person out everywhere, and proves it', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const other = await world.connect();
    const { outcomes } = await world.disconnect({ connectionId: [session.id] }, { effect: 'revoke' });
    expect(outcomes.map(said)).toEqual(['disconnected: revoke, verified']);
    expect(outcomes[0]).toMatchObject({
      residual: expect.arrayContaining([{ what: expect.stringContaining('guest') }]),
    });
    expect(world.bench.graph.requestsTo('/v1.0/me/revokeSignInSessions')).toHaveLength(1);
    expect((await errorOf(renewed(world, other.id))).code).toBe('unauthenticated');
    expect((await world.list()).map(({ id }) => id)).toEqual([other.id]);
  });

  it('is pending where the directory takes its time, and forgets all the same', async () => {
    await using world = await World.open();
    world.bench.graph.configure({ revocationDelay: HOUR });
    const { id } = await world.connect();
    const { outcomes } = await world.disconnect(
      { connectionId: [id] },
      { effect: 'revoke', verifyTimeout: 300 },
    );
    expect(outcomes.map(said)).toEqual(['disconnected: revoke, pending']);
    expect(await world.entries()).toEqual([]);
  });

  it('that the directory refuses has failed, and forgets all the same', async () => {
    await using world = await World.open();
    world.bench.fail('error');
    const { id } = await world.connect();
    const { outcomes } = await world.disconnect({ connectionId: [id] }, { effect: 'revoke' });
    expect(outcomes).toMatchObject([
      {
        status: 'failed',
        error: { code: 'unreachable', message: expect.stringContaining('what was kept here is gone') },
      },
    ]);
    expect(await world.entries()).toEqual([]);
  });

  it('of somebody who was signed out already says so', async () => {
    await using world = await World.open();
    const { id } = await world.connect();
    world.bench.provider.revoke('ada@contoso.onmicrosoft.com');
    const { outcomes } = await world.disconnect({ connectionId: [id] }, { effect: 'revoke' });
    expect([outcomes.map(said), world.bench.graph.requestCount]).toEqual([['already-gone'], 0]);
  });

  it('is not there for an application, and never for everything', async () => {
    await using world = await World.open();
    const { id } = await world.connectApplication();
    const { problems } = await world.disconnect({ connectionId: [id] }, { effect: 'revoke' });
    expect(problems).toMatchObject([
      {
        error: { code: 'unsupported', next: expect.stringContaining('only people have sign-ins to revoke') },
      },
    ]);
    expect((await errorOf(world.disconnect({}, { effect: 'revoke' }))).code).toBe('invalid-request');
    expect([await world.entries().then(({ length }) => length), world.bench.graph.requestCount]).toEqual([
      1, 0,
    ]);
  });

  it('wants the name of the person typed', async () => {
    await using world = await World.open();
    const { id } = await world.connect();
    const plan = await world.slipline.plan({
      provider: 'exchange-online',
      selector: { connectionId: [id] },
      effect: 'revoke',
    });
    expect(dangerOf(plan, () => 'high')).toMatchObject({
      level: 'severe',
      name: 'ada@contoso.onmicrosoft.com',
    });
  });
});

describe('access', () => {
  it('gives a token, and what a request needs besides', async () => {
    await using world = await World.open();
    const session = await world.connectApplication();
    const { environment, headers } = await world.slipline.access(session);
    const token = environment['EXCHANGE_ONLINE_ACCESS_TOKEN'];
    expect(token).toBeInstanceOf(Secret);
    expect(world.bench.provider.introspect(textOf(token))).toMatchObject({
      tenantId: CONTOSO.id,
      clientId: SECRET_APPLICATION.clientId,
      isExpired: false,
    });
    expect(environment).toMatchObject({
      EXCHANGE_ONLINE_CONNECTION_URI: `https://${EXCHANGE_HOSTS.exchange}`,
      EXCHANGE_ONLINE_TENANT_ID: CONTOSO.id,
      EXCHANGE_ONLINE_ORGANIZATION: 'contoso.onmicrosoft.com',
    });
    expect(headers).toMatchObject({
      'connection-id': session.id,
      'X-AnchorMailbox': `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${CONTOSO.id}`,
    });
  });

  it('gives a fresh token where the kept one has run out, and asks no person', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const old = textOf((await world.slipline.access(session)).environment['EXCHANGE_ONLINE_ACCESS_TOKEN']);
    world.advance(2 * HOUR);
    await using other = world.app({ prompts: {} });
    const fresh = textOf((await other.access(session)).environment['EXCHANGE_ONLINE_ACCESS_TOKEN']);
    expect(fresh).not.toBe(old);
    expect(world.bench.provider.introspect(fresh)?.isExpired).toBe(false);
  });

  it('lets cmdlets run, and after a disconnect none', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const client = new ExchangeClient({
      origin: factOf(session, 'connectionUri'),
      tenantId: factOf(session, 'tenantID'),
      connectionId: session.id,
      anchorMailbox: `UPN:${String(session.principal)}`,
      isOwnHost: () => false,
      token: async () => {
        const { environment } = await world.slipline.access(session);
        return environment['EXCHANGE_ONLINE_ACCESS_TOKEN'] as Secret;
      },
      fetch: fetchOver(world.bench),
      clock: world.clock,
    });
    const run = () =>
      client.run({ name: 'Get-Mailbox', parameters: { Identity: 'ben' } }, AbortSignal.timeout(10_000));
    expect((await run()).objects).toMatchObject([{ Alias: 'ben' }]);
    await world.disconnect({ connectionId: [session.id] });
    const before = world.bench.exchange.requestCount;
    expect((await errorOf(run())).code).toBe('not-found');
    expect(world.bench.exchange.requestCount).toBe(before);
  });
});

describe('a challenge of the service', () => {
  it('is met with a new token, which is kept', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const old = textOf((await world.slipline.access(session)).environment['EXCHANGE_ONLINE_ACCESS_TOKEN']);
    world.bench.exchange.inject(exchangeFaults.challenged(), { times: 1 });
    expect(await world.list(true)).toMatchObject([{ details: { state: 'Connected' } }]);
    const kept = textOf((await world.slipline.access(session)).environment['EXCHANGE_ONLINE_ACCESS_TOKEN']);
    expect(kept).not.toBe(old);
  });
});

async function renewed(world: World, id: string): Promise<unknown> {
  world.advance(2 * HOUR);
  const session = (await world.list()).find((one) => one.id === id);
  return session === undefined ? undefined : world.slipline.access(session);
}

function textOf(value: string | Secret | undefined): string {
  return value instanceof Secret ? value.reveal() : (value ?? '');
}
