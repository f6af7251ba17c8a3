import assert from 'node:assert/strict';
import type { Ledger, LedgerEntry, Session } from '@slipline/core';
import { connect, disconnect, ending, first, only, type Check } from './check.ts';

const defaults = async (ledger: Ledger): Promise<readonly string[]> =>
  (await ledger.entries())
    .filter(({ session }) => session.isDefault === true)
    .map(({ session }) => session.endpoint);

const orphans = async (ledger: Ledger): Promise<readonly string[]> =>
  (await ledger.entries({ isOrphan: true })).map(({ session }) => session.endpoint);

async function failed(ledger: Ledger, session: Session): Promise<void> {
  const { operation } = first(await ledger.begin([ending(session)]));
  const error = { code: 'unreachable', message: 'nobody answers' } as const;
  await ledger.finish([{ operation, status: 'failed', error, entry: 'closing' }]);
}

const ofProcess = (ledger: Ledger, endpoint: string): Promise<LedgerEntry> =>
  connect(ledger, endpoint, { scope: 'process' });

/** Whose a session is, and when nobody looks after it any more. */
export const SCOPE_CHECKS: readonly Check[] = [
  {
    name: 'a session is of scope user unless its provider says otherwise',
    run: async (ledger) => {
      const entry = await connect(ledger, 'one');
      assert.deepEqual([entry.scope, entry.owner, entry.isOrphan], ['user', undefined, false]);
    },
  },
  {
    name: 'a session of scope process belongs to the process that opened it',
    run: async (ledger) => {
      const entry = await ofProcess(ledger, 'one');
      assert.equal(entry.scope, 'process');
      assert.equal(entry.owner?.pid, process.pid);
      assert.equal(entry.isOrphan, false);
      assert.deepEqual(await ledger.entries(), [entry]);
      assert.deepEqual(await ledger.entries({ ofOthers: true }), [entry]);
    },
  },
  {
    name: 'a session of scope process stands for its provider in its own process, and for nobody else',
    run: async (ledger) => {
      await connect(ledger, 'of the user');
      const own = await ofProcess(ledger, 'own');
      assert.equal(own.session.isDefault, true);
      await ofProcess(ledger, 'another');
      await ledger.makeDefault(own.key);
      assert.deepEqual(await defaults(ledger), ['own']);
      await disconnect(ledger, own.session);
      assert.deepEqual(await defaults(ledger), ['another']);
      await disconnect(ledger, ...(await ledger.entries()).slice(1).map(({ session }) => session));
      assert.deepEqual(await defaults(ledger), ['of the user']);
    },
  },
  {
    name: 'the first of scope user is the default, however many of scope process were there before',
    run: async (ledger) => {
      const own = await ofProcess(ledger, 'own');
      await connect(ledger, 'of the user');
      await disconnect(ledger, own.session);
      assert.deepEqual(await defaults(ledger), ['of the user']);
    },
  },
  {
    name: 'a session that is being ended is an orphan only once that has failed, and says what was begun',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one');
      const { operation } = first(await ledger.begin([{ ...ending(session), effect: 'end' }]));
      const begun = await only(ledger.entries());
      assert.deepEqual([begun.state, begun.effect, begun.isOrphan], ['closing', 'end', false]);
      assert.deepEqual(await orphans(ledger), []);
      const error = { code: 'unreachable', message: 'nobody answers' } as const;
      await ledger.finish([{ operation, status: 'failed', error, entry: 'closing' }]);
      assert.deepEqual(await orphans(ledger), ['one']);
      const [left] = await ledger.entries({ isOrphan: true });
      assert.equal(left?.effect, 'end');
    },
  },
  {
    name: 'a session that is ended again is no orphan meanwhile, nor once it has ended',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one');
      await failed(ledger, session);
      const { operation } = first(await ledger.begin([ending(session)]));
      assert.deepEqual(await orphans(ledger), []);
      await ledger.finish([{ operation, status: 'disconnected', entry: 'ended' }]);
      assert.deepEqual(await orphans(ledger), []);
    },
  },
  {
    name: 'an entry of which nobody knows what became of it is an orphan, one that is open is none',
    run: async (ledger) => {
      const { key } = await ledger.open({ provider: 'alpha', endpoint: 'lost' });
      await connect(ledger, 'open');
      assert.deepEqual(await orphans(ledger), []);
      await ledger.abandon(key, 'unknown', { code: 'timeout', message: 'no answer' });
      assert.deepEqual(await orphans(ledger), ['lost']);
      assert.deepEqual(await ledger.entries({ isOrphan: true, provider: 'beta' }), []);
    },
  },
  {
    name: 'a session whose connect is not at its end is open, and no orphan while its opener lives',
    run: async (ledger) => {
      const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      const facts = { endpoint: 'one', kind: 'connection', label: 'one', ownership: 'opened' } as const;
      const entry = await ledger.opened(key, { ...facts, effects: ['end'], details: {} }, true);
      assert.deepEqual([entry.state, entry.isOrphan, entry.session.isDefault], ['open', false, true]);
      assert.deepEqual(await orphans(ledger), []);
    },
  },
];
