import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import {
  DisconnectError,
  EFFECTS,
  OWNERSHIPS,
  SESSION_STATES,
  sessionKey,
  type Session,
} from '@slipline/core';
import type { BenchSession } from '../bench.ts';
import { Stage } from '../stage.ts';
import type { CheckDefinition } from './check.ts';

export const creatingSendsNothing: CheckDefinition = {
  name: 'creating a provider sends nothing',
  run: async (openBench) => {
    await using stage = await Stage.bare(openBench);
    const before = traffic(stage);
    await stage.create();
    assert.deepEqual(traffic(stage), before);
  },
};

export const planningChangesNothing: CheckDefinition = {
  name: 'planning changes nothing',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    const { provider, slipline } = stage;
    const { session, selector } = opened;
    const before = await everything(stage, session);
    for (const effect of [undefined, ...session.effects]) {
      await slipline.plan({ provider, selector, effect }, stage.given(opened));
      await slipline.plan({ sessions: [session], effect }, stage.given(opened));
    }
    await stage.listed(opened);
    await stage.listed(opened, true);
    assert.deepEqual(await everything(stage, session), before);
  },
};

export const selectorSelects: CheckDefinition = {
  name: 'a selector selects just what it names',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = [await stage.open(), await stage.open()];
    for (const { session, selector } of opened) {
      const { steps } = await stage.slipline.plan({ provider: stage.provider, selector });
      assert.deepEqual(
        steps.map((step) => sessionKey(step.session)),
        [sessionKey(session)],
      );
    }
  },
};

export const sessionIsWellFormed: CheckDefinition = {
  name: 'a session is well formed, and the same in every listing',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    const lists = [await seen(stage, opened, false), await seen(stage, opened, true)];
    for (const session of [opened.session, ...lists]) {
      assert.equal(session.provider, stage.provider);
      assertWellFormed(session);
      assert.deepEqual(identity(session), identity(opened.session));
    }
  },
};

export const failingEndpointHidesNothing: CheckDefinition = {
  name: 'an endpoint that fails does not hide the others, nor itself',
  run: async (openBench) => {
    const dead = 'dead.invalid';
    const resolve = [{ host: dead, address: '127.0.0.1', toPort: await closedPort() }];
    await using stage = await Stage.ready(openBench, { resolve });
    const { find } = stage.bench.plugin;
    const name = Object.keys(find).find((key) => find[key]?.endpoint === true && find[key].many === true);
    const opened = await stage.open();
    if (name === undefined || opened.selector[name] === undefined) return;
    const selector = { ...opened.selector, [name]: [dead, opened.selector[name]].flat() };
    const { sessions, problems } = await stage.slipline.sessions({ provider: stage.provider, selector });
    assert.deepEqual(sessions.map(sessionKey), [sessionKey(opened.session)]);
    assert.deepEqual(
      problems.map(({ endpoint }) => endpoint),
      [dead],
    );
    // `not-found` is what core says of an endpoint that answered and has no such session.
    assert.ok(problems.every(({ error }) => DisconnectError.is(error) && error.code !== 'not-found'));
  },
};

function traffic({ bench }: Stage): unknown {
  return { writes: bench.writes(), requests: bench.requests?.() };
}

/** All that a plan could have changed. */
async function everything({ bench, ledger }: Stage, session: Session): Promise<unknown> {
  return {
    writes: bench.writes(),
    observed: await bench.observe(session),
    entries: await ledger.entries(),
    receipts: await ledger.receipts(),
  };
}

async function seen(stage: Stage, opened: BenchSession, isLive: boolean): Promise<Session> {
  const session = await stage.listed(opened, isLive);
  assert.ok(session !== undefined, 'an open session must be listed');
  return session;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function assertWellFormed(session: Session): void {
  for (const name of ['endpoint', 'id', 'kind', 'label', 'fingerprint'] as const) {
    assert.equal(typeof session[name], 'string', name);
    assert.notEqual(session[name], '', name);
  }
  assert.ok(SESSION_STATES.includes(session.state), `state ${session.state}`);
  assert.ok(OWNERSHIPS.includes(session.ownership), `ownership ${session.ownership}`);
  assert.deepEqual(
    [...new Set(session.effects)].filter((effect) => EFFECTS.includes(effect)),
    session.effects,
    'effects are a set of those there are',
  );
  for (const name of ['openedAt', 'expiresAt'] as const) {
    const time = session[name];
    assert.ok(
      time === undefined || (RFC_3339.test(time) && !Number.isNaN(Date.parse(time))),
      `${name} is a time as RFC 3339 writes it: ${time}`,
    );
  }
  assert.deepEqual(JSON.parse(JSON.stringify(session.details)), session.details, 'details are JSON');
}

function identity(session: Session): unknown {
  const { kind, ownership, fingerprint } = session;
  return { key: sessionKey(session), kind, ownership, fingerprint };
}

/** A port of this machine where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
