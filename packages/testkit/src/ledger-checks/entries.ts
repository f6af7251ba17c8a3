import assert from 'node:assert/strict';
import {
  connect,
  disconnect,
  ended,
  ending,
  facts,
  first,
  only,
  rejects,
  secret,
  type Check,
} from './check.ts';

const numbers = (entries: readonly { readonly number: number }[]): readonly number[] =>
  entries.map(({ number }) => number);

/** Own sessions: what is listed, and how it is numbered. */
export const ENTRY_CHECKS: readonly Check[] = [
  {
    name: 'an entry that is being opened has a number and a place, and nothing that can be done to it',
    run: async (ledger) => {
      const entry = await ledger.open({ provider: 'alpha', endpoint: 'one.example', principal: 'jdoe' });
      assert.equal(entry.state, 'opening');
      assert.equal(entry.number, 1);
      assert.equal(entry.hasSecret, false);
      assert.equal(entry.opener.pid, process.pid);
      assert.equal(entry.changedAt, '2025-03-01T10:00:00.000Z');
      const { session } = entry;
      assert.deepEqual(
        [session.provider, session.endpoint, session.id, session.label, session.principal],
        ['alpha', 'one.example', '1', 'one.example', 'jdoe'],
      );
      assert.deepEqual([session.state, session.ownership, session.isDefault], ['unknown', 'opened', true]);
      assert.deepEqual([session.effects, session.details], [[], {}]);
      assert.deepEqual(await ledger.entries(), [entry]);
    },
  },
  {
    name: 'entries can be asked for by reference',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'One', { id: 'a' });
      await connect(ledger, 'one', { id: 'b' });
      await connect(ledger, 'two', { id: 'a' });
      const ref = { provider: session.provider, endpoint: 'oNE', id: 'a' };
      assert.deepEqual((await only(ledger.entries({ ref }))).session, session);
      await disconnect(ledger, session);
      assert.deepEqual(await ledger.entries({ ref }), []);
      assert.equal((await only(ledger.entries({ ref, states: ['ended'] }))).state, 'ended');
    },
  },
  {
    name: 'an opened entry lists what the provider said of it',
    run: async (ledger, clock) => {
      const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one', principal: 'jdoe' });
      clock.advance(1500);
      const details = { build: 7, roles: ['viewer'], inner: { isOn: true, none: null } };
      const expiresAt = '2025-03-02T00:00:00Z';
      const entry = await ledger.opened(key, facts('one.example', { id: 's-1', details, expiresAt }));
      const { session } = entry;
      assert.equal(entry.state, 'open');
      assert.equal(session.state, 'live');
      assert.deepEqual([session.endpoint, session.id, session.kind], ['one.example', 's-1', 'connection']);
      assert.deepEqual([session.label, session.principal], ['jdoe on one.example', 'jdoe']);
      assert.deepEqual([session.effects, session.details], [['end'], details]);
      assert.deepEqual([session.openedAt, session.expiresAt], ['2025-03-01T10:00:01.500Z', expiresAt]);
      assert.deepEqual(await ledger.entries(), [entry]);
    },
  },
  {
    name: 'what a caller changes afterwards does not change the entry',
    run: async (ledger) => {
      const details: Record<string, string> = { name: 'before' };
      const entry = await connect(ledger, 'one', { details });
      details['name'] = 'after';
      (entry.session.details as Record<string, string>)['name'] = 'after';
      assert.deepEqual((await only(ledger.entries())).session.details, { name: 'before' });
    },
  },
  {
    name: 'a session that is opened again gains facts and keeps its secret, its time and its number',
    run: async (ledger, clock) => {
      const first = await connect(ledger, 'one', { secret: secret('token'), principal: 'jdoe' });
      clock.advance(1000);
      const second = await ledger.opened(first.key, facts('one', { label: 'fuller', details: { build: 7 } }));
      assert.equal(second.number, first.number);
      assert.equal(second.hasSecret, true);
      assert.equal(second.session.label, 'fuller');
      assert.equal(second.session.principal, 'jdoe');
      assert.equal(second.session.openedAt, first.session.openedAt);
      assert.equal(second.session.fingerprint, first.session.fingerprint);
      assert.equal((await ledger.secret(second.session)).reveal(), 'token');
      const third = await ledger.opened(first.key, facts('two', { secret: secret('token 2') }));
      assert.notEqual(third.session.fingerprint, first.session.fingerprint);
      assert.equal((await ledger.secret(third.session)).reveal(), 'token 2');
    },
  },
  {
    name: 'an adopted session is listed as such, without a time of opening',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one', { ownership: 'adopted', secret: secret('given') });
      assert.equal(session.ownership, 'adopted');
      assert.equal(session.openedAt, undefined);
    },
  },
  {
    name: 'numbers are the smallest that are free, for each provider by itself',
    run: async (ledger) => {
      const [one, two, three] = [
        await connect(ledger, 'one'),
        await connect(ledger, 'two'),
        await connect(ledger, 'three'),
      ];
      assert.deepEqual(numbers([one, two, three]), [1, 2, 3]);
      assert.equal((await connect(ledger, 'other', { provider: 'beta' })).number, 1);
      await disconnect(ledger, one.session, two.session);
      const again = [
        await connect(ledger, 'four'),
        await ledger.open({ provider: 'alpha', endpoint: 'five' }),
        await connect(ledger, 'six'),
      ];
      assert.deepEqual(numbers(again), [1, 2, 4]);
      const keys = new Set([one, two, three, ...again].map(({ key }) => key));
      assert.equal(keys.size, 6, 'a key was used twice');
    },
  },
  {
    name: 'entries come by provider and number, without those that have ended',
    run: async (ledger) => {
      await connect(ledger, 'b1', { provider: 'beta' });
      const gone = await connect(ledger, 'a1');
      await connect(ledger, 'a2');
      await disconnect(ledger, gone.session);
      await ledger.open({ provider: 'alpha', endpoint: 'a3' });
      const places = async (...filter: Parameters<typeof ledger.entries>): Promise<readonly string[]> =>
        (await ledger.entries(...filter)).map(({ session }) => session.endpoint);
      assert.deepEqual(await places(), ['a3', 'a2', 'b1']);
      assert.deepEqual(await places({ provider: 'beta' }), ['b1']);
      assert.deepEqual(await places({ provider: 'gamma' }), []);
      assert.deepEqual(await places({ states: ['ended'] }), ['a1']);
      assert.deepEqual(await places({ states: ['open', 'ended'], provider: 'alpha' }), ['a1', 'a2']);
      assert.deepEqual(await places({ states: [] }), []);
    },
  },
  {
    name: 'the first entry is the default, and the lowest remaining number follows it',
    run: async (ledger) => {
      const defaults = async (): Promise<readonly string[]> =>
        (await ledger.entries())
          .filter(({ session }) => session.isDefault === true)
          .map(({ session }) => session.endpoint);
      const one = await connect(ledger, 'one');
      const two = await connect(ledger, 'two');
      const three = await connect(ledger, 'three');
      await connect(ledger, 'other', { provider: 'beta' });
      assert.deepEqual(await defaults(), ['one', 'other']);
      await disconnect(ledger, two.session);
      assert.deepEqual(await defaults(), ['one', 'other']);
      await connect(ledger, 'new two');
      await ledger.makeDefault(three.key);
      assert.deepEqual(await defaults(), ['three', 'other']);
      await disconnect(ledger, one.session, three.session);
      assert.deepEqual(await defaults(), ['new two', 'other']);
    },
  },
  {
    name: 'a default that is given up is followed too, and the last one by the next that is opened',
    run: async (ledger) => {
      const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      const two = await connect(ledger, 'two');
      await ledger.abandon(key, 'ended', { code: 'forbidden', message: 'no' });
      assert.equal((await only(ledger.entries())).session.isDefault, true);
      await disconnect(ledger, two.session);
      assert.equal((await connect(ledger, 'three')).session.isDefault, true);
    },
  },
  {
    name: 'only an entry that has not ended can become the default',
    run: async (ledger) => {
      const { key, session } = await connect(ledger, 'one');
      await disconnect(ledger, session);
      await rejects(ledger.makeDefault(key), 'not-found');
      await rejects(ledger.makeDefault('no such key'), 'not-found');
    },
  },
  {
    name: 'an abandoned connect frees its number, or stays where nobody can say',
    run: async (ledger) => {
      const first = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      const second = await ledger.open({ provider: 'alpha', endpoint: 'two' });
      await ledger.abandon(first.key, 'ended', { code: 'unauthenticated', message: 'wrong password' });
      await ledger.abandon(second.key, 'unknown', { code: 'timeout', message: 'no answer in time' });
      const left = await only(ledger.entries());
      assert.deepEqual([left.number, left.state, left.session.state], [2, 'unknown', 'unknown']);
      assert.equal((await connect(ledger, 'three')).number, 1);
      const told = (await ledger.receipts()).map(({ status, error }) => [status, error?.code]);
      assert.deepEqual(told, [
        ['done', undefined],
        ['failed', 'timeout'],
        ['failed', 'unauthenticated'],
      ]);
    },
  },
  {
    name: 'a kept session that is abandoned loses its secret',
    run: async (ledger) => {
      const { key, session } = await connect(ledger, 'one', { secret: secret('token') });
      await ledger.abandon(key, 'ended', { code: 'protocol', message: 'half an answer' });
      await rejects(ledger.secret(session), 'not-found');
      assert.deepEqual(await ledger.entries(), []);
    },
  },
  {
    name: 'a session that was given up while it was being opened is not opened',
    run: async (ledger) => {
      const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      await ledger.abandon(key, 'ended', { code: 'aborted', message: 'interrupted' });
      await rejects(ledger.opened(key, facts('one', { secret: secret('late') })), 'changed');
      assert.deepEqual(await ledger.entries(), []);
    },
  },
  {
    name: 'where a session was opened that cannot be written down, the error says that it may exist',
    run: async (ledger) => {
      const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      for (const opened of [ledger.opened(key, facts('')), ledger.opened('no such key', facts('one'))]) {
        await assert.rejects(opened, { name: 'DisconnectError', mayHaveTakenEffect: true });
      }
    },
  },
  {
    name: 'the revision differs after each change, and only then',
    run: async (ledger) => {
      const seen = [await ledger.revision()];
      const note = async (): Promise<void> => void seen.push(await ledger.revision());
      const { session } = await connect(ledger, 'one', { secret: secret('token') });
      await note();
      const { operation } = first(await ledger.begin([ending(session)]));
      await note();
      await ledger.finish([ended(operation)]);
      await note();
      assert.equal(new Set(seen).size, 4);
      await ledger.entries();
      await ledger.receipts();
      assert.equal(await ledger.revision(), seen.at(-1));
    },
  },
  {
    name: 'an entry that is not there is said to be missing',
    run: async (ledger) => {
      await rejects(ledger.opened('no such key', facts('one')), 'not-found');
      await rejects(ledger.abandon('no such key', 'ended', { code: 'internal', message: '' }), 'not-found');
    },
  },
];
