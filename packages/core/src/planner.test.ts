import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { Fleet, type FleetOptions } from './fleet.test.support.ts';
import { ManualClock } from './manual-clock.test.support.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { pier } from './pier.test.support.ts';
import type { Plan } from './plan.ts';
import { parsePlan } from './plan-file.ts';
import { Secret } from './secret.ts';
import { Slipline } from './slipline.ts';

function setUp(options: FleetOptions = {}) {
  const fleet = new Fleet(options);
  const clock = new ManualClock();
  const ledger = new MemoryLedger();
  const system = pier();
  const slipline = new Slipline({ providers: [fleet.plugin, system.plugin], ledger, clock });
  return { fleet, clock, ledger, slipline, system };
}

const steps = (plan: Plan): readonly string[] =>
  plan.steps.map(({ session, effect }) => `${session.endpoint}/${session.id} ${effect}`);

describe('a plan by a selector', () => {
  it('has what matches, with the effect each offers first, and changes nothing', async () => {
    const { fleet, slipline, ledger, clock } = setUp();
    fleet.add('a.test', '1');
    fleet.add('a.test', '2', { effects: ['detach', 'end'] });
    fleet.add('b.test', '3');
    const plan = await slipline.plan({ provider: 'fleet', selector: { host: 'a.test' } });
    expect(plan).toMatchObject({
      version: 1,
      createdAt: new Date(clock.now()).toISOString(),
      isEverything: false,
      problems: [],
    });
    expect(steps(plan)).toEqual(['a.test/1 end', 'a.test/2 detach']);
    expect(fleet.calls).toEqual(['find a.test']);
    expect(await ledger.receipts()).toEqual([]);
  });

  it('has the effect that was asked for, and a problem for each session that does not offer it', async () => {
    const { fleet, slipline } = setUp();
    fleet.add('a.test', '1');
    const other = fleet.add('a.test', '2', { effects: ['end'] });
    const listed = fleet.add('a.test', '3', { effects: [] });
    const plan = await slipline.plan({ provider: 'fleet', selector: { host: 'a.test' }, effect: 'detach' });
    expect(steps(plan)).toEqual(['a.test/1 detach']);
    expect(plan.problems).toMatchObject([
      {
        provider: 'fleet',
        endpoint: 'a.test',
        session: other,
        error: { code: 'unsupported', next: 'it offers: end' },
      },
      { session: listed, error: { code: 'unsupported' } },
    ]);
  });

  it('says why an effect is not offered, where the plugin does', async () => {
    const fleet = new Fleet();
    const withheld = { detach: 'only ships can be detached' };
    const plugin = { ...fleet.plugin, withheld };
    const slipline = new Slipline({ providers: [plugin], ledger: new MemoryLedger() });
    const boat = fleet.add('a.test', '1', { effects: ['end'] });
    const detach = { error: { code: 'unsupported', next: 'only ships can be detached' } };
    const plan = await slipline.plan({ sessions: [boat], effect: 'detach' });
    expect(plan.problems).toMatchObject([detach]);
    const forged = { ...plan, steps: [{ session: boat, effect: 'detach', isNamed: false }] } as const;
    expect((await slipline.apply(forged)).outcomes).toMatchObject([detach]);
  });

  it('can be kept, and is the same when it is read back', async () => {
    const { fleet, slipline } = setUp();
    fleet.add('a.test', '1', { openedAt: '2026-01-01T00:00:00Z', details: { idle: 3 } });
    fleet.add('a.test', '2', { effects: [] });
    const plan = await slipline.plan({ provider: 'fleet', all: true });
    const kept = JSON.stringify(plan);
    expect(JSON.parse(JSON.stringify(parsePlan(JSON.parse(kept))))).toEqual(JSON.parse(kept));
    expect(plan.isEverything).toBe(true);
  });

  it('knows what was named from what was found', async () => {
    const { fleet, slipline } = setUp();
    fleet.add('a.test', '1');
    const named = await slipline.plan({ provider: 'fleet', selector: { host: 'a.test', id: '1' } });
    const found = await slipline.plan({ provider: 'fleet', selector: { host: 'a.test' } });
    expect([named.steps[0]?.isNamed, found.steps[0]?.isNamed]).toEqual([true, false]);
  });

  it('asks each endpoint and each name by itself, so that one failure hides nothing', async () => {
    const { fleet, slipline } = setUp({
      find: async function* ({ host, id }) {
        asked.push(`${host?.join()} ${id?.join()}`);
        if (host?.[0] === 'dead.test') throw new DisconnectError('unreachable', 'nobody answers');
        if (host?.[0] === 'odd.test') throw new TypeError('x is not a function');
        if (id?.[0] === '1') yield fleet.add(host?.[0] ?? '', '1');
      },
    });
    const asked: string[] = [];
    const hosts = ['a.test', 'dead.test', 'odd.test'];
    const plan = await slipline.plan({ provider: 'fleet', selector: { host: hosts, id: ['1', '9'] } });
    expect(asked.sort()).toEqual(hosts.flatMap((host) => [`${host} 1`, `${host} 9`]));
    expect(steps(plan)).toEqual(['a.test/1 end']);
    expect(plan.problems.map(({ endpoint, error }) => `${endpoint} ${error.code} ${error.system}`)).toEqual([
      'a.test not-found a.test',
      'dead.test unreachable dead.test',
      'dead.test unreachable dead.test',
      'odd.test internal odd.test',
      'odd.test internal odd.test',
    ]);
  });

  it('says what was named and not found', async () => {
    const { slipline } = setUp();
    const { problems } = await slipline.plan({ provider: 'fleet', selector: { id: ['7'] } });
    expect(problems).toMatchObject([
      {
        error: {
          code: 'not-found',
          message: 'no session matches id "7"',
          system: 'fleet',
          next: 'slipline ls fleet shows what there is',
        },
      },
    ]);
    const plan = await slipline.plan({ provider: 'fleet', selector: { host: ['a.test'] } });
    expect([plan.steps, plan.problems]).toEqual([[], []]);
  });

  it('gives up an endpoint that does not answer, and keeps what it had said', async () => {
    const { fleet, slipline, clock } = setUp({
      find: async function* ({ host }) {
        yield fleet.add(host?.[0] ?? '', '1');
        if (host?.[0] === 'slow.test') await new Promise(() => undefined);
      },
    });
    const planning = slipline.plan({ provider: 'fleet', selector: { host: ['slow.test', 'a.test'] } });
    await clock.advance(20_050);
    const plan = await planning;
    expect(steps(plan)).toEqual(['slow.test/1 end', 'a.test/1 end']);
    expect(plan.problems).toMatchObject([{ endpoint: 'slow.test', error: { code: 'timeout' } }]);
  });

  it('is interrupted with its signal', async () => {
    const { slipline } = setUp();
    const { problems } = await slipline.plan(
      { provider: 'fleet', selector: { host: 'a.test' } },
      { signal: AbortSignal.abort() },
    );
    expect(problems).toMatchObject([{ error: { code: 'aborted' } }]);
  });
});

describe('a plan of nothing in particular', () => {
  it('is a usage error where the plugin does not say what that means', async () => {
    const { fleet, slipline } = setUp();
    for (const selector of [undefined, {}, { host: undefined }])
      await expect(slipline.plan({ provider: 'fleet', selector })).rejects.toMatchObject({
        code: 'invalid-request',
        message: 'say which sessions of fleet to disconnect',
        next: 'name it by host or id, or ask for --all',
      });
    expect(fleet.calls).toEqual([]);
  });

  it('is a usage error where only a credential is given', async () => {
    const password = { type: 'secret', summary: 'The password.', credential: 'password' } as const;
    const { slipline } = setUp({ plugin: { find: { password } } });
    await expect(
      slipline.plan({ provider: 'fleet', selector: { password: new Secret('x') } }),
    ).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('is the default session, or every one, where the plugin says so', async () => {
    const byDefault = setUp({ plugin: { unnamed: 'default' } });
    byDefault.fleet.add('a.test', '1');
    byDefault.fleet.add('a.test', '2', { isDefault: true });
    expect(steps(await byDefault.slipline.plan({ provider: 'fleet' }))).toEqual(['a.test/2 end']);
    const all = setUp({ plugin: { unnamed: 'all' } });
    all.fleet.add('a.test', '1');
    all.fleet.add('a.test', '2');
    const plan = await all.slipline.plan({ provider: 'fleet' });
    expect([steps(plan), plan.isEverything]).toEqual([['a.test/1 end', 'a.test/2 end'], false]);
  });
});

describe('a plan that cannot be made', () => {
  it.each<[string, object, string, string]>([
    ['an unknown provider', { provider: 'flet' }, 'unknown-provider', 'there is no provider "flet"'],
    [
      'an unknown parameter',
      { provider: 'fleet', selector: { hots: 'a' } },
      'invalid-request',
      'unknown parameter',
    ],
    ['a wrong value', { provider: 'fleet', selector: { host: 7 } }, 'invalid-request', 'host is a text'],
    [
      'an unknown effect',
      { provider: 'fleet', all: true, effect: 'destroy' },
      'invalid-request',
      'no effect "destroy"',
    ],
    [
      'a parameter of every object',
      { provider: 'fleet', selector: { constructor: 'x' } },
      'invalid-request',
      'unknown',
    ],
  ])('because of %s says so', async (_what, request, code, message) => {
    const { fleet, slipline } = setUp();
    await expect(slipline.plan(request as never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(fleet.calls).toEqual([]);
  });

  it('because of a parameter for listing says so', async () => {
    const { slipline } = setUp({
      plugin: { find: { idle: { type: 'boolean', summary: 'Idle ones.', listing: true } } },
    });
    await expect(slipline.plan({ provider: 'fleet', selector: { idle: true } })).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'idle is for listing only',
    });
  });
});

describe('a plan of given sessions', () => {
  it('reads each again, in their order, and believes nothing else of them', async () => {
    const { fleet, slipline, system } = setUp();
    const { session: own } = await slipline.connect('pier', { host: 'one' });
    const foreign = fleet.add('a.test', '1');
    const plan = await slipline.plan({
      sessions: [
        { ...foreign, effects: ['revoke'], ownership: 'opened' } as never,
        { provider: own.provider, endpoint: 'ONE', id: own.id },
      ],
    });
    expect(plan.steps).toEqual([
      { session: foreign, effect: 'end', isNamed: false },
      { session: own, effect: 'end', isNamed: false },
    ]);
    expect(system.ended).toEqual([]);
  });

  it('has a problem for each that is gone, has changed or cannot be read', async () => {
    const { fleet, slipline } = setUp();
    const session = fleet.add('a.test', '1');
    const plan = await slipline.plan({
      sessions: [
        { ...session, id: '9' },
        { ...session, fingerprint: 'another' },
        { ...session, provider: 'stranger' },
        session,
      ],
    });
    expect(steps(plan)).toEqual(['a.test/1 end']);
    expect(plan.problems.map(({ error }) => error.code).sort()).toEqual([
      'changed',
      'not-found',
      'unknown-provider',
    ]);
  });

  it('holds each fingerprint that comes with the same session', async () => {
    const { fleet, slipline } = setUp();
    const session = fleet.add('a.test', '1');
    const { provider, endpoint, id } = session;
    const plan = await slipline.plan({ sessions: [session, { provider, endpoint, id }, session] });
    expect([steps(plan), plan.problems]).toEqual([['a.test/1 end'], []]);
  });

  it('of none is empty', async () => {
    const { slipline } = setUp();
    expect(steps(await slipline.plan({ sessions: [] }))).toEqual([]);
  });
});

describe('revoke, which reaches beyond what is listed', () => {
  it('is never planned for everything there is', async () => {
    const { fleet, slipline } = setUp();
    fleet.add('a.test', '1', { effects: ['end', 'revoke'] });
    const refused = { code: 'invalid-request', message: expect.stringContaining('named') };
    const all = slipline.plan({ provider: 'fleet', all: true, effect: 'revoke' });
    await expect(all).rejects.toMatchObject(refused);
    const filtered = slipline.plan({
      provider: 'fleet',
      all: true,
      selector: { host: 'a.test' },
      effect: 'revoke',
    });
    await expect(filtered).rejects.toMatchObject(refused);
    // Pier's sessions are all meant where none is named.
    await expect(slipline.plan({ provider: 'pier', effect: 'revoke' })).rejects.toMatchObject(refused);
  });

  it('is planned for what is named', async () => {
    const { fleet, slipline } = setUp();
    fleet.add('a.test', '1', { effects: ['end', 'revoke'] });
    const plan = await slipline.plan({ provider: 'fleet', selector: { host: 'a.test' }, effect: 'revoke' });
    expect(steps(plan)).toEqual(['a.test/1 revoke']);
  });
});

it('says why an effect is not offered where the plugin knows', async () => {
  const system = pier();
  const plugin = { ...system.plugin, withheld: { revoke: 'it is a boat' } };
  await using slipline = new Slipline({ providers: [plugin], ledger: new MemoryLedger() });
  const { session } = await slipline.connect('pier', { host: 'one' });
  const refused = {
    code: 'unsupported',
    message: 'boat at one does not offer "revoke"',
    next: 'it is a boat',
  };
  const plan = await slipline.plan({ provider: 'pier', selector: { id: [session.id] }, effect: 'revoke' });
  expect(plan.problems).toMatchObject([{ error: refused }]);
  const step = { session, effect: 'revoke', isNamed: true } as const;
  const { outcomes } = await slipline.apply({ ...plan, steps: [step], problems: [] });
  expect(outcomes).toMatchObject([{ status: 'failed', error: refused }]);
});
