import assert from 'node:assert/strict';
import type { Session } from '@slipline/core';
import {
  connect,
  disconnect,
  ended,
  ending,
  facts,
  first,
  foreign,
  only,
  rejects,
  secret,
  type Check,
} from './check.ts';

/** Operations: how they move entries. */
export const OPERATION_CHECKS: readonly Check[] = [
  {
    name: 'a disconnect turns an own session closing, then ended',
    run: async (ledger, clock) => {
      const { session, key } = await connect(ledger, 'one');
      const { operation, before } = first(await ledger.begin([ending(session)]));
      assert.equal(before, 'open');
      const closing = await only(ledger.entries());
      assert.deepEqual([closing.state, closing.session.state], ['closing', 'closing']);
      clock.advance(2000);
      await ledger.finish([ended(operation)]);
      assert.deepEqual(await ledger.entries(), []);
      const gone = await only(ledger.entries({ states: ['ended'] }));
      assert.deepEqual([gone.key, gone.state, gone.session.state], [key, 'ended', 'closed']);
      assert.equal(gone.changedAt, '2025-03-01T10:00:02.000Z');
      assert.equal(gone.session.isDefault, undefined);
    },
  },
  {
    name: 'intents are answered in order; foreign sessions have no state before, ended ones say so',
    run: async (ledger) => {
      const gone = await connect(ledger, 'one', { secret: secret('old') });
      await disconnect(ledger, gone.session);
      const live = await connect(ledger, 'two', { secret: secret('new') });
      const begun = await ledger.begin(
        [foreign('1'), gone.session, live.session, foreign('2'), live.session].map(ending),
      );
      assert.deepEqual(
        begun.map(({ before }) => before),
        [undefined, 'ended', 'open', undefined, 'closing'],
      );
      assert.equal(new Set(begun.map(({ operation }) => operation)).size, 5);
    },
  },
  {
    name: 'an end that names a reused id leaves the session that has it now alone',
    run: async (ledger) => {
      const old = await connect(ledger, 'one', { secret: secret('old') });
      await disconnect(ledger, old.session);
      const now = await connect(ledger, 'one', { secret: secret('new') });
      assert.equal(now.session.id, old.session.id);
      const { operation, before } = first(await ledger.begin([ending(old.session)]));
      assert.equal(before, 'ended');
      await ledger.finish([ended(operation)]);
      const stranger = first(await ledger.begin([ending({ ...now.session, fingerprint: 'another' })]));
      assert.equal(stranger.before, undefined);
      await ledger.finish([ended(stranger.operation)]);
      assert.equal((await only(ledger.entries())).state, 'open');
    },
  },
  {
    name: 'a result without an entry leaves the session as it was before',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one', { secret: secret('kept') });
      const { operation } = first(await ledger.begin([ending(session)]));
      const error = { code: 'forbidden', message: 'not allowed' } as const;
      await ledger.finish([{ operation, status: 'failed', error }]);
      assert.equal((await only(ledger.entries())).state, 'open');
      assert.equal((await ledger.secret(session)).reveal(), 'kept');
    },
  },
  {
    name: 'a result may leave the session open or closing',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one');
      for (const entry of ['closing', 'open', 'closing'] as const) {
        const { operation } = first(await ledger.begin([ending(session)]));
        await ledger.finish([{ operation, status: 'failed', entry }]);
        assert.equal((await only(ledger.entries())).state, entry);
      }
    },
  },
  {
    name: 'of two disconnects at once the one that ends the session stands',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one', { secret: secret('x') });
      const one = first(await ledger.begin([ending(session)]));
      const two = first(await ledger.begin([ending(session)]));
      await ledger.finish([ended(one.operation)]);
      await ledger.finish([{ operation: two.operation, status: 'failed', entry: 'open' }]);
      assert.deepEqual(await ledger.entries(), []);
      await rejects(ledger.secret(session), 'not-found');
    },
  },
  {
    name: 'of two disconnects at once the second does not undo what the first found',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one');
      const one = first(await ledger.begin([ending(session)]));
      const two = first(await ledger.begin([ending(session)]));
      await ledger.finish([{ operation: one.operation, status: 'failed' }]);
      assert.equal((await only(ledger.entries())).state, 'open');
      await ledger.finish([{ operation: two.operation, status: 'failed' }]);
      assert.equal((await only(ledger.entries())).state, 'open');
    },
  },
  {
    name: 'a disconnect of a session that is still being opened does not hide that it was opened',
    run: async (ledger) => {
      const { key, session } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      const { operation, before } = first(await ledger.begin([ending(session)]));
      assert.equal(before, 'opening');
      assert.equal((await ledger.opened(key, facts('one'))).state, 'closing');
      await ledger.finish([{ operation, status: 'failed' }]);
      assert.equal((await only(ledger.entries())).state, 'open');
    },
  },
  {
    name: 'what was never opened does not become open',
    run: async (ledger) => {
      const { key, session } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      await ledger.abandon(key, 'unknown', { code: 'timeout', message: 'no answer' });
      const { operation } = first(await ledger.begin([ending(session)]));
      await ledger.finish([{ operation, status: 'failed', entry: 'open' }]);
      assert.equal((await only(ledger.entries())).state, 'unknown');
    },
  },
  {
    name: 'access and actions leave an entry as it is',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one');
      const begun = await ledger.begin([
        { kind: 'access', session, reason: 'deploy' },
        { kind: 'act', session, action: 'message' },
      ]);
      assert.equal((await only(ledger.entries())).state, 'open');
      await ledger.finish(begun.map(({ operation }) => ({ operation, status: 'done' })));
      assert.equal((await only(ledger.entries())).state, 'open');
      const [act, access] = await ledger.receipts();
      assert.deepEqual([act?.kind, act?.action, act?.status], ['act', 'message', 'done']);
      assert.deepEqual([access?.kind, access?.reason, access?.status], ['access', 'deploy', 'done']);
    },
  },
  {
    name: 'an operation that is not there is said to be missing, and nothing of its batch is written',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one');
      const { operation } = first(await ledger.begin([ending(session)]));
      await rejects(ledger.finish([ended(operation), ended('99999')]), 'not-found');
      await rejects(ledger.finish([ended('no number')]), 'not-found');
      assert.equal((await only(ledger.entries())).state, 'closing');
      assert.equal(first(await ledger.receipts()).status, undefined);
    },
  },
  {
    name: 'the first end of an operation stands',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one');
      const { operation } = first(await ledger.begin([ending(session)]));
      await ledger.finish([{ operation, status: 'failed', entry: 'open' }]);
      await ledger.finish([ended(operation)]);
      assert.equal(first(await ledger.receipts()).status, 'failed');
      assert.equal((await only(ledger.entries())).state, 'open');
    },
  },
  {
    name: 'a batch is one: a thousand own and foreign sessions begin and end together',
    run: async (ledger) => {
      const own: Session[] = [];
      for (let count = 0; count < 20; count += 1) {
        own.push((await connect(ledger, `host${count}`, { secret: secret(`token ${count}`) })).session);
      }
      const sessions = Array.from({ length: 1000 }, (_, place) => own[place / 50] ?? foreign(String(place)));
      const begun = await ledger.begin(sessions.map(ending));
      assert.equal(begun.filter(({ before }) => before === 'open').length, 20);
      await ledger.finish(begun.map(({ operation }) => ended(operation)));
      assert.deepEqual(await ledger.entries(), []);
      const receipts = await ledger.receipts({ kind: 'disconnect' });
      assert.deepEqual(
        receipts.map(({ session }) => session.id).reverse(),
        sessions.map(({ id }) => id),
      );
    },
  },
  {
    name: 'no intents and no results are nothing to do',
    run: async (ledger) => {
      assert.deepEqual(await ledger.begin([]), []);
      await ledger.finish([]);
      assert.deepEqual(await ledger.receipts(), []);
    },
  },
];
