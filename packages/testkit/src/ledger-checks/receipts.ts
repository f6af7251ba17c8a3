import assert from 'node:assert/strict';
import type { Receipt } from '@slipline/core';
import {
  connect,
  DAY,
  disconnect,
  ending,
  facts,
  first,
  foreign,
  only,
  rejects,
  type Check,
} from './check.ts';

/** Receipts: what is noted, and for how long. */
export const RECEIPT_CHECKS: readonly Check[] = [
  {
    name: 'a receipt says who, what, when, why and what came of it',
    run: async (ledger, clock) => {
      const session = foreign('7', { principal: 'CONTOSO\\jdoe', details: { idle: 90 } });
      const intent = { ...ending(session), reason: 'maintenance' };
      const { operation } = first(await ledger.begin([intent]));
      const running = first(await ledger.receipts());
      assert.deepEqual([running.status, running.endedAt], [undefined, undefined]);
      clock.advance(250);
      const residual = [{ what: 'tokens', until: '2025-03-01T11:00:00Z' }, { what: 'shares' }];
      await ledger.finish([{ operation, status: 'disconnected', verification: 'pending', residual }]);
      const { user, ...receipt } = first(await ledger.receipts());
      assert.ok(user.length > 0);
      assert.deepEqual(receipt, {
        operation,
        kind: 'disconnect',
        session,
        effect: 'end',
        reason: 'maintenance',
        startedAt: '2025-03-01T10:00:00.000Z',
        endedAt: '2025-03-01T10:00:00.250Z',
        status: 'disconnected',
        verification: 'pending',
        residual,
      });
    },
  },
  {
    name: 'a receipt says who asked, where that is not the user of the operating system',
    run: async (ledger) => {
      await ledger.begin([{ ...ending(foreign('1')), user: 'alice' }]);
      await ledger.begin([ending(foreign('2'))]);
      const [own, asked] = (await ledger.receipts()).map(({ user }) => user);
      assert.equal(asked, 'alice');
      assert.notEqual(own, 'alice');
      assert.equal((await only(ledger.receipts({ user: 'alice' }))).session.id, '1');
    },
  },
  {
    name: 'a receipt keeps why it failed or was skipped',
    run: async (ledger) => {
      const [one, two] = await ledger.begin([foreign('1'), foreign('2')].map(ending));
      const error = {
        code: 'quota',
        message: 'too many',
        system: 'one.example',
        next: 'wait',
        details: { vendor: 'E1' },
      } as const;
      await ledger.finish([
        { operation: one?.operation ?? '', status: 'failed', error },
        { operation: two?.operation ?? '', status: 'skipped', skipped: 'declined' },
      ]);
      const [skipped, failed] = await ledger.receipts();
      assert.deepEqual([skipped?.status, skipped?.skipped], ['skipped', 'declined']);
      assert.deepEqual([failed?.status, failed?.error], ['failed', error]);
    },
  },
  {
    name: 'receipts can be asked for by time, by who, by where and by what came of them',
    run: async (ledger, clock) => {
      const [one, two] = await ledger.begin([
        ending(foreign('1', { endpoint: 'One' })),
        ending(foreign('2', { endpoint: 'two' })),
      ]);
      await ledger.finish([{ operation: one?.operation ?? '', status: 'already-gone' }]);
      clock.advance(1000);
      await ledger.begin([ending(foreign('3', { endpoint: 'three' }))]);
      const { user } = first(await ledger.receipts());
      const found = async (...filter: Parameters<typeof ledger.receipts>): Promise<readonly string[]> =>
        (await ledger.receipts(...filter)).map(({ session }) => session.endpoint);
      assert.deepEqual(await found({ until: '2025-03-01T10:00:01Z' }), ['two', 'One']);
      assert.deepEqual(await found({ since: '2025-03-01T10:00:01Z', user }), ['three']);
      assert.deepEqual(await found({ user: 'nobody at all' }), []);
      assert.deepEqual(await found({ endpoint: 'oNE' }), ['One']);
      assert.deepEqual(await found({ status: 'already-gone' }), ['One']);
      assert.deepEqual(await found({ status: 'running' }), ['three', 'two']);
      assert.deepEqual(await found({ status: 'running', endpoint: 'two', kind: 'disconnect' }), ['two']);
      await rejects(ledger.receipts({ until: 'soon' }), 'invalid-request');
      assert.ok(two !== undefined);
    },
  },
  {
    name: 'a connect leaves a receipt of the session it opened',
    run: async (ledger, clock) => {
      const { key } = await ledger.open({
        provider: 'alpha',
        endpoint: 'one',
        reason: 'audit',
        user: 'alice',
      });
      assert.deepEqual(
        (await ledger.receipts()).map(({ kind, status }) => [kind, status]),
        [['connect', undefined]],
      );
      clock.advance(100);
      await ledger.opened(key, facts('one', { id: 's-9' }));
      const { kind, status, session, reason, user, endedAt } = await only(ledger.receipts());
      assert.deepEqual(
        [kind, status, session.id, reason, user],
        ['connect', 'done', 's-9', 'audit', 'alice'],
      );
      assert.equal(endedAt, '2025-03-01T10:00:00.100Z');
    },
  },
  {
    name: 'receipts come newest first, and by provider, kind, time and number',
    run: async (ledger, clock) => {
      await connect(ledger, 'one');
      clock.advance(1000);
      await ledger.begin([ending(foreign('1')), ending(foreign('2', { provider: 'beta' }))]);
      clock.advance(1000);
      await ledger.begin([{ kind: 'access', session: foreign('3') }]);
      const ids = async (...filter: Parameters<typeof ledger.receipts>): Promise<readonly string[]> =>
        (await ledger.receipts(...filter)).map(({ kind, session }: Receipt) => `${kind} ${session.id}`);
      assert.deepEqual(await ids(), ['access 3', 'disconnect 2', 'disconnect 1', 'connect 1']);
      assert.deepEqual(await ids({ limit: 2 }), ['access 3', 'disconnect 2']);
      assert.deepEqual(await ids({ provider: 'beta' }), ['disconnect 2']);
      assert.deepEqual(await ids({ kind: 'disconnect', limit: 1 }), ['disconnect 2']);
      assert.deepEqual(await ids({ since: '2025-03-01T10:00:02Z' }), ['access 3']);
      assert.deepEqual(await ids({ since: '2025-03-01T12:00:01+02:00', provider: 'alpha' }), [
        'access 3',
        'disconnect 1',
      ]);
      await rejects(ledger.receipts({ since: 'yesterday' }), 'invalid-request');
      await rejects(ledger.receipts({ limit: 0 }), 'invalid-request');
    },
  },
  {
    name: 'receipts are kept for ninety days, ended entries for seven',
    run: async (ledger, clock) => {
      const { session } = await connect(ledger, 'one');
      await disconnect(ledger, session);
      clock.advance(8 * DAY);
      const stays = await connect(ledger, 'two');
      assert.deepEqual(await ledger.entries({ states: ['ended'] }), []);
      assert.equal((await ledger.receipts()).length, 3);
      clock.advance(83 * DAY);
      await ledger.begin([ending(foreign('1'))]);
      const left = (await ledger.receipts()).map(({ kind, session: of }) => `${kind} ${of.endpoint}`);
      assert.deepEqual(left, ['disconnect one.example', 'connect two']);
      assert.equal((await only(ledger.entries())).key, stays.key);
    },
  },
  {
    name: 'what a server says at length is cut, and still noted',
    run: async (ledger) => {
      const long = 'x'.repeat(100_000);
      const session = foreign(long, { label: long, principal: long, details: { long, short: 'kept' } });
      const { operation } = first(await ledger.begin([ending(session)]));
      const error = { code: 'protocol', message: long, details: { long } } as const;
      const residual = Array.from({ length: 1000 }, () => ({ what: long }));
      await ledger.finish([{ operation, status: 'failed', error, residual }]);
      const receipt = first(await ledger.receipts());
      assert.ok(JSON.stringify(receipt).length < 60_000, String(JSON.stringify(receipt).length));
      assert.deepEqual(receipt.session.details, { short: 'kept' });
      assert.ok(receipt.session.label.endsWith('…'));
      const own = await connect(ledger, 'one', { label: long, details: { long, short: 'kept' } });
      assert.ok(JSON.stringify(own).length < 5000);
    },
  },
];
