import { describe, expect, it } from '@jest/globals';
import { DisconnectError, MemoryLedger, Secret, type Session } from '@slipline/core';
import { CONTOSO, FABRIKAM, faults, graphFaults } from '@slipline/microsoft-identity/testing';
import { failureOf, World } from './testing/world.test.support.ts';

const ADA = 'ada@contoso.onmicrosoft.com';
const BEN = 'ben@contoso.onmicrosoft.com';
const FAY = 'fay@fabrikam.onmicrosoft.com';
const REVOKE = '/v1.0/me/revokeSignInSessions';

/** A clock that the fakes live by, and that tests move. */
function movableClock() {
  let now = Date.now();
  return { now: () => now, advance: (milliseconds: number) => void (now += milliseconds) };
}

describe('a list', () => {
  it('is made from what is kept, and asks nobody', async () => {
    await using world = await World.open();
    await world.connect();
    world.clearRequests();
    expect(await world.numbers()).toEqual(['1']);
    expect(world.requestCount).toBe(0);
  });

  it('that is live says of whom the service has had enough', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({}, BEN);
    await world.connectApplication();
    world.provider.revoke(BEN);
    const { sessions, problems } = await world.list({}, true);
    expect(sessions.map(({ state }) => state)).toEqual(['live', 'expired', 'live']);
    expect(problems).toEqual([]);
    world.provider.register(CONTOSO.id, { ...applicationOf(world), secrets: [] });
    expect((await world.list({ name: ['3'] }, true)).sessions[0]?.state).toBe('expired');
  });

  it('that is live changes nothing that is kept', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const application = await world.connectApplication();
    const before = [await secretOf(world, session), await secretOf(world, application)];
    await world.list({}, true);
    expect([await secretOf(world, session), await secretOf(world, application)]).toEqual(before);
  });

  it('that is live asks Graph about a given token', async () => {
    await using world = await World.open();
    const own = await world.connect();
    await world.connectOnly({ accessToken: await givenToken(world, own) });
    const [, given] = (await world.list({}, true)).sessions;
    expect(given).toMatchObject({ id: '2', state: 'live' });
    world.graph.inject(graphFaults.unauthorized());
    const [, refused] = (await world.list({}, true)).sessions;
    expect(refused).toMatchObject({ id: '2', state: 'expired' });
  });

  it('that is live has nothing to ask about a sign-in that never came to an end', async () => {
    await using world = await World.open();
    const { key } = await world.ledger.open({ provider: 'entra', endpoint: 'entra' });
    await world.ledger.abandon(key, 'unknown', { code: 'internal', message: 'the process died' });
    const { sessions, problems } = await world.list({}, true);
    expect([sessions.map(({ state }) => state), problems]).toEqual([['unknown'], []]);
    expect(await world.end(sessions[0] as Session)).toMatchObject({ status: 'disconnected' });
  });

  it('that is live names a service that cannot be reached, and hides nothing', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect();
    world.provider.inject(faults.reset());
    const { sessions, problems } = await world.list({}, true);
    expect(sessions.map(({ id }) => id)).toEqual(['1', '2']);
    expect(problems).toMatchObject([{ error: { code: 'unreachable' } }]);
  });
});

describe('to forget', () => {
  it('sends nothing, reads no secret, and says what remains', async () => {
    class Blind extends MemoryLedger {
      override secret(): ReturnType<MemoryLedger['secret']> {
        throw new Error('A secret was read.');
      }
    }
    await using world = await World.open({ ledger: new Blind() });
    const session = await world.connect();
    world.clearRequests();
    expect(await world.end(session)).toMatchObject({
      status: 'disconnected',
      effect: 'forget',
      verification: 'verified',
      residual: [
        { what: 'copies of the access token', until: session.details['accessTokenExpiresAt'] },
        { what: 'copies of the refresh token, until it is revoked or expires' },
        { what: 'the sign-in of the browser in which the code was typed' },
      ],
    });
    expect(world.requestCount).toBe(0);
    expect(await world.bench.observe(session)).toBe('live');
  });

  it('ends what was named and nothing else', async () => {
    await using world = await World.open();
    const ada = await world.connect({ name: 'ada' });
    const fay = await world.connect({ name: 'fay', tenantId: FABRIKAM.id }, FAY);
    // The same person with the same application twice: each has a token cache of its own.
    const again = await world.connect({ name: 'again' }, ADA);
    await world.end(ada);
    expect(await world.numbers()).toEqual(['2', '3']);
    expect(await failureOf(world.slipline.access(ada))).toMatchObject({ code: 'not-found' });
    expect(world.provider.introspect(await world.token(fay))?.userName).toBe(FAY);
    expect(world.provider.introspect(await world.token(again))?.userName).toBe(ADA);
  });

  it('without a name means the default session', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect();
    const plan = await world.slipline.plan({ provider: 'entra' });
    expect(plan.steps.map(({ session }) => session.id)).toEqual(['1']);
  });

  it('where nothing is connected is no error', async () => {
    await using world = await World.open();
    expect(await world.slipline.plan({ provider: 'entra' })).toMatchObject({ steps: [], problems: [] });
    const named = await world.slipline.plan({ provider: 'entra', selector: { name: ['work'] } });
    expect(named).toMatchObject({ steps: [], problems: [{ error: { code: 'not-found' } }] });
  });

  it('twice is success, and nothing comes back', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const plan = await world.slipline.plan({ sessions: [session] });
    await world.slipline.apply(plan);
    expect((await world.slipline.apply(plan)).outcomes).toMatchObject([{ status: 'already-gone' }]);
  });

  it('works for what cannot be read any more', async () => {
    await using world = await World.open();
    const session = await world.connect();
    await corrupt(world, session);
    expect(await world.end(session)).toMatchObject({ status: 'disconnected' });
    expect(await world.numbers()).toEqual([]);
  });
});

describe('to revoke', () => {
  it('asks Graph once, and the old refresh token is refused afterwards', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.clearRequests();
    expect(await world.end(session, 'revoke')).toMatchObject({
      status: 'disconnected',
      effect: 'revoke',
      verification: 'verified',
      residual: [
        { what: 'copies of the access token', until: expect.any(String) },
        { what: expect.stringContaining('until they expire (about an hour)') },
        { what: expect.stringContaining('guest') },
      ],
    });
    expect(world.graph.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`POST ${REVOKE}`]);
    expect(await world.bench.observe(session)).toBe('gone');
    expect(await world.numbers()).toEqual([]);
  });

  it('reaches every sign-in of that person, and of nobody else', async () => {
    await using world = await World.open();
    const first = await world.connect();
    const second = await world.connect();
    const ben = await world.connect({}, BEN);
    await world.end(first, 'revoke');
    expect(await world.bench.observe(second)).toBe('gone');
    expect(await world.bench.observe(ben)).toBe('live');
    expect((await world.list({}, true)).sessions).toMatchObject([
      { id: '2', state: 'expired' },
      { id: '3', state: 'live' },
    ]);
  });

  it('is pending while the directory takes its time, and gone here at once', async () => {
    const clock = movableClock();
    await using world = await World.open({ clock });
    world.graph.configure({ revocationDelay: 120_000 });
    const session = await world.connect();
    expect(await world.end(session, 'revoke', { verifyTimeout: 200 })).toMatchObject({
      status: 'disconnected',
      verification: 'pending',
    });
    expect(await world.numbers()).toEqual([]);
    expect(await world.bench.observe(session)).toBe('live');
    clock.advance(120_000);
    expect(await world.bench.observe(session)).toBe('gone');
  });

  it('of what was revoked already is success', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.provider.revoke(ADA);
    world.clearRequests();
    expect(await world.end(session, 'revoke')).toMatchObject({ status: 'already-gone' });
    expect(world.graph.requestCount).toBe(0);
  });

  it('asks for more than was asked for at the sign-in, where that does not suffice', async () => {
    await using world = await World.open();
    const session = await world.connect({ scopes: ['User.Read'] });
    expect(await world.end(session, 'revoke')).toMatchObject({ status: 'disconnected' });
    expect(await world.bench.observe(session)).toBe('gone');
  });

  it('is not for applications, and nothing is sent', async () => {
    await using world = await World.open();
    const session = await world.connectApplication();
    world.clearRequests();
    const { steps, problems } = await world.slipline.plan({ sessions: [session], effect: 'revoke' });
    expect([steps, world.requestCount]).toEqual([[], 0]);
    expect(problems).toMatchObject([
      {
        error: { code: 'unsupported', next: expect.stringContaining('only people have sign-ins to revoke') },
      },
    ]);
    expect(await world.numbers()).toEqual(['1']);
  });

  it.each([
    ['401', graphFaults.unauthorized(), 'unauthenticated', false],
    ['403', graphFaults.forbidden(), 'forbidden', false],
    ['404', graphFaults.notFound(), 'forbidden', false],
    ['429', graphFaults.throttled(9), 'quota', false],
    ['503', graphFaults.serverError(), 'unreachable', true],
    ['value: false', graphFaults.valueFalse(), 'protocol', false],
    ['a page', faults.html(), 'protocol', true],
    ['a reset', faults.reset(), 'unreachable', true],
  ])('that ends in %s has failed, and is forgotten here', async (_what, fault, code, mayHaveTakenEffect) => {
    await using world = await World.open();
    const session = await world.connect();
    world.graph.inject(fault);
    const outcome = await world.end(session, 'revoke');
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code, forgets: true, mayHaveTakenEffect, next: expect.any(String) },
    });
    expect(outcome.status === 'failed' && outcome.error.message).toMatch(
      /; what was kept here is gone, the sign-ins are not known to be$/,
    );
    expect(await world.numbers()).toEqual([]);
    expect(await world.bench.observe(session)).toBe('live');
  });

  it('without the permission names it', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.graph.inject(graphFaults.forbidden());
    expect(await world.end(session, 'revoke')).toMatchObject({
      error: {
        message: expect.stringContaining('User.RevokeSessions.All'),
        next: expect.stringContaining('consent'),
      },
    });
  });

  it('is forgotten here too where no token can be had for it', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.provider.refuse(ADA, 53003);
    expect(await world.end(session, 'revoke')).toMatchObject({
      status: 'failed',
      error: {
        code: 'forbidden',
        forgets: true,
        details: { identityCode: 'blocked-by-policy', aadsts: 53003 },
      },
    });
    expect([await world.numbers(), world.graph.requestCount]).toEqual([[], 0]);
  });
});

describe('access', () => {
  it('is a fresh token, with where it is for', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.clearRequests();
    const { environment, headers } = await world.slipline.access(session);
    expect(Object.keys(environment)).toEqual(['GRAPH_ACCESS_TOKEN', 'GRAPH_ENDPOINT']);
    expect([environment['GRAPH_ENDPOINT'], JSON.stringify(headers)]).toEqual([
      world.graph.origin,
      '{"authorization":"[secret]"}',
    ]);
    const token = await world.token(session);
    expect(world.provider.introspect(token)).toMatchObject({ userName: ADA, audience: world.graph.origin });
    // The one from the sign-in is good for an hour.
    expect(world.requestCount).toBe(0);
  });

  it('is renewed silently, and what is renewed is kept, with its end', async () => {
    await using world = await World.open();
    world.provider.configure({ accessTokenLifetime: 60 });
    const session = await world.connect();
    const before = await secretOf(world, session);
    world.provider.configure({ accessTokenLifetime: 7200 });
    const token = await world.token(session);
    expect(await secretOf(world, session)).not.toBe(before);
    const [listed] = (await world.list()).sessions;
    expect(listed?.fingerprint).toBe(session.fingerprint);
    expect(endOf(listed)).toBeGreaterThan(endOf(session) + 3_600_000);
    world.clearRequests();
    const other = world.process();
    expect(await world.token(session, other)).toBe(token);
    expect(world.requestCount).toBe(0);
    await other[Symbol.asyncDispose]();
  });

  it('of two processes at once gives both a good token, and loses nothing', async () => {
    await using world = await World.open();
    world.provider.configure({ accessTokenLifetime: 60, rotation: 'additive' });
    const session = await world.connect();
    world.provider.configure({ accessTokenLifetime: 3600 });
    const processes = [world.process(), world.process(), world.process()];
    const tokens = await Promise.all(processes.map((one) => world.token(session, one)));
    for (const token of tokens)
      expect(world.provider.introspect(token)).toMatchObject({ userName: ADA, isExpired: false });
    world.clearRequests();
    expect(tokens).toContain(await world.token(session));
    expect(world.requestCount).toBe(0);
    await Promise.all(processes.map((one) => one[Symbol.asyncDispose]()));
  });

  it('that is renewed while the session is forgotten brings nothing back', async () => {
    await using world = await World.open();
    world.provider.configure({ accessTokenLifetime: 60 });
    const session = await world.connect();
    const fault = world.provider.inject(faults.hang(), { path: '/token' });
    const asked = world.provider.nextRequest({ path: '/token' });
    const other = world.process();
    const pending = failureOf(other.access(session));
    await asked;
    await world.end(session);
    fault.remove();
    fault.release();
    expect(await pending).toMatchObject({ code: 'not-found' });
    expect(await world.numbers()).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  it('of a given token is that token, and ends with it', async () => {
    await using world = await World.open();
    const accessToken = await givenToken(world, await world.connect());
    const given = await world.connectOnly({ accessToken });
    expect(await world.token(given)).toBe(accessToken.reveal());
    const lapsed = world.process({ ...world.options, now: () => Date.now() + 7_200_000 });
    expect(await failureOf(lapsed.access(given))).toMatchObject({
      code: 'unauthenticated',
      next: 'sign in with a fresh token, or in another way',
    });
    await lapsed[Symbol.asyncDispose]();
  });
});

describe('the tenant guard', () => {
  it('refuses a token of another tenant by name, and keeps what there was', async () => {
    await using world = await World.open();
    world.provider.configure({ accessTokenLifetime: 60 });
    const session = await world.connect();
    const before = await secretOf(world, session);
    const forged = world.provider.inject(faults.forge('tenant'), { path: '/token' });
    const error = await failureOf(world.slipline.access(session));
    expect(DisconnectError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'untrusted', details: { identityCode: 'wrong-tenant' } });
    expect(await secretOf(world, session)).toBe(before);
    forged.remove();
    expect(world.provider.introspect(await world.token(session))?.tenantId).toBe(CONTOSO.id);
  });

  it('never answers from another session, whatever is connected or disconnected', async () => {
    await using world = await World.open();
    const contoso = await world.connect();
    const fabrikam = await world.connect({ tenantId: FABRIKAM.id }, FAY);
    await world.end(contoso);
    const token = await world.token(fabrikam);
    expect(world.provider.introspect(token)).toMatchObject({ tenantId: FABRIKAM.id, userName: FAY });
    // The number is used again, and stands for the new session only.
    const next = await world.connect({ tenantId: FABRIKAM.id }, FAY);
    expect(next.id).toBe(contoso.id);
    expect(await failureOf(world.slipline.access(contoso))).toMatchObject({ code: expect.any(String) });
  });
});

function applicationOf({ provider }: World) {
  const found = provider.tenants[0]?.applications.find(({ isPublic }) => !isPublic);
  if (found === undefined) throw new Error('There is no such application.');
  return found;
}

/** When the access token ends, as the list says it. */
function endOf(session: Session | undefined): number {
  const end = session?.details['accessTokenExpiresAt'];
  return typeof end === 'string' ? Date.parse(end) : NaN;
}

async function secretOf({ ledger }: World, session: Session): Promise<string> {
  return (await ledger.secret(session)).reveal();
}

/** The access token of a session, as a `Secret` that can be given away. */
async function givenToken(world: World, session: Session) {
  return new Secret(await world.token(session));
}

async function corrupt({ ledger }: World, session: Session): Promise<void> {
  await ledger.renew(session, async () => ({ secret: new Secret('{"format":1,') }));
}
