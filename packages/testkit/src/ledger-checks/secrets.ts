import assert from 'node:assert/strict';
import { connect, disconnect, facts, foreign, rejects, secret, type Check } from './check.ts';

/** Secrets and fingerprints, saved credentials, trust. */
export const SECRET_CHECKS: readonly Check[] = [
  {
    name: 'a secret is handed back until the session has ended',
    run: async (ledger) => {
      const text = 'tôken\u0000 with\nanything 🔑';
      const { session, hasSecret } = await connect(ledger, 'One.Example', { secret: secret(text) });
      assert.equal(hasSecret, true);
      assert.equal((await ledger.secret(session)).reveal(), text);
      assert.equal((await ledger.secret({ ...session, endpoint: 'one.EXAMPLE' })).reveal(), text);
      await disconnect(ledger, session);
      await rejects(ledger.secret(session), 'not-found');
    },
  },
  {
    name: 'there is no secret where none was kept',
    run: async (ledger) => {
      const { session, hasSecret } = await connect(ledger, 'one');
      assert.equal(hasSecret, false);
      await rejects(ledger.secret(session), 'not-found');
      await rejects(ledger.secret(foreign('1')), 'not-found');
    },
  },
  {
    name: 'a reference that carries a fingerprint has the secret of that session',
    run: async (ledger) => {
      const stale = await connect(ledger, 'one', { id: 'reused', secret: secret('old') });
      const fresh = await connect(ledger, 'one', { id: 'reused', secret: secret('new') });
      assert.equal((await ledger.secret(stale.session)).reveal(), 'old');
      assert.equal((await ledger.secret(fresh.session)).reveal(), 'new');
      const { provider, endpoint, id } = fresh.session;
      assert.equal((await ledger.secret({ provider, endpoint, id })).reveal(), 'new');
      const another = { ...fresh.session, fingerprint: 'of neither' };
      await rejects(ledger.secret(another), 'not-found');
    },
  },
  {
    name: 'a secret can be renewed, with facts, and nothing else of the session changes',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one', { secret: secret('old'), details: { tenant: 't' } });
      await ledger.renew(session, async (current) => {
        assert.equal(current.reveal(), 'old');
        return { secret: secret('new'), expiresAt: '2030-01-01T00:00:00.000Z' };
      });
      assert.equal((await ledger.secret(session)).reveal(), 'new');
      const [renewed] = await ledger.entries({ provider: session.provider });
      assert.deepEqual(renewed?.session, { ...session, expiresAt: '2030-01-01T00:00:00.000Z' });
      await ledger.renew(session, async () => undefined);
      assert.equal((await ledger.secret(session)).reveal(), 'new');
      await assert.rejects(
        ledger.renew(session, () => Promise.reject(new Error('no'))),
        /no/,
      );
      assert.equal((await ledger.secret(session)).reveal(), 'new');
      await disconnect(ledger, session);
      await rejects(
        ledger.renew(session, async () => ({ secret: secret('late') })),
        'not-found',
      );
    },
  },
  {
    name: 'renewals at once build on each other',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one', { secret: secret('0') });
      const add = (): Promise<void> =>
        ledger.renew(session, async (current) => {
          await Promise.resolve();
          return { secret: secret(String(Number(current.reveal()) + 1)) };
        });
      await Promise.all([add(), add(), add(), add()]);
      assert.equal((await ledger.secret(session)).reveal(), '4');
    },
  },
  {
    name: 'a renewal that comes after the end changes nothing',
    run: async (ledger) => {
      const { session } = await connect(ledger, 'one', { secret: secret('old') });
      const late = ledger.renew(session, async () => {
        await disconnect(ledger, session);
        return { secret: secret('late') };
      });
      await rejects(late, 'not-found');
      await rejects(ledger.secret(session), 'not-found');
    },
  },
  {
    name: 'a fingerprint follows the secret, and does not show it',
    run: async (ledger) => {
      const prints = [];
      for (const text of ['token-aaaaaaaa', 'token-aaaaaaaa', 'token-bbbbbbbb']) {
        prints.push((await connect(ledger, text, { secret: secret(text) })).session.fingerprint);
      }
      const [first, same, other] = prints;
      assert.equal(first, same);
      assert.notEqual(first, other);
      assert.ok(first !== undefined && first.length >= 16 && !first.includes('token'), first);
      const [one, two] = [await connect(ledger, 'x'), await connect(ledger, 'x')];
      assert.notEqual(one.session.fingerprint, two.session.fingerprint);
      assert.ok(one.session.fingerprint.length >= 16);
    },
  },
  {
    name: 'credentials belong to a provider, an endpoint in any case, and a user',
    run: async ({ credentials }) => {
      const found = async (...where: Parameters<typeof credentials.find>): Promise<string | undefined> => {
        const credential = await credentials.find(...where);
        return credential && `${credential.userName} ${credential.password.reveal()}`;
      };
      await credentials.save('alpha', 'One.Example', { userName: 'ann', password: secret('a1') });
      await credentials.save('alpha', 'one.example', { userName: 'bob', password: secret('b1') });
      await credentials.save('beta', 'one.example', { userName: 'cay', password: secret('c1') });
      assert.equal(await found('alpha', 'ONE.example'), 'bob b1');
      assert.equal(await found('alpha', 'one.example', 'ann'), 'ann a1');
      assert.equal(await found('alpha', 'one.example', 'Ann'), undefined);
      assert.equal(await found('alpha', 'two.example'), undefined);
      await credentials.save('alpha', 'one.example', { userName: 'ann', password: secret('a2') });
      assert.equal(await found('alpha', 'one.example'), 'ann a2');
      await credentials.erase('alpha', 'ONE.EXAMPLE', 'ann');
      assert.equal(await found('alpha', 'one.example'), 'bob b1');
      await credentials.erase('alpha', 'one.example');
      assert.equal(await found('alpha', 'one.example'), undefined);
      assert.equal(await found('beta', 'one.example'), 'cay c1');
      await credentials.erase('gamma', 'one.example');
    },
  },
  {
    name: 'trust is kept for each host in any case, until it is removed',
    run: async ({ trust }, clock) => {
      const pin = 'ab'.repeat(32);
      await trust.save({ host: 'B.example:443', pin });
      clock.advance(1000);
      await trust.save({ host: 'a.example:8443', authority: 'PEM' });
      assert.deepEqual(await trust.find('b.EXAMPLE:443'), {
        host: 'b.example:443',
        pin,
        savedAt: '2025-03-01T10:00:00.000Z',
      });
      assert.equal(await trust.find('b.example:8443'), undefined);
      await trust.save({ host: 'b.example:443', authority: 'PEM 2' });
      const listed = (await trust.list()).map(({ host, pin: kept, authority }) => [host, kept, authority]);
      assert.deepEqual(listed, [
        ['a.example:8443', undefined, 'PEM'],
        ['b.example:443', undefined, 'PEM 2'],
      ]);
      assert.equal(await trust.remove('B.EXAMPLE:443'), true);
      assert.equal(await trust.remove('b.example:443'), false);
      assert.equal((await trust.list()).length, 1);
    },
  },
  {
    name: 'trust that would recognise nothing is refused',
    run: async ({ trust }) => {
      await rejects(trust.save({ host: 'a.example:443' }), 'invalid-request');
      await rejects(trust.save({ host: 'a.example:443', pin: 'AB:CD' }), 'invalid-request');
      await rejects(trust.save({ host: 'a.example:443', authority: 'x'.repeat(100_000) }), 'invalid-request');
      await rejects(trust.save({ host: '', pin: 'ab'.repeat(32) }), 'invalid-request');
      assert.deepEqual(await trust.list(), []);
    },
  },
  {
    name: 'names that are empty, endless or not printable are refused',
    run: async (ledger) => {
      const password = secret('x');
      const save = (provider: string, endpoint: string, userName: string): Promise<void> =>
        ledger.credentials.save(provider, endpoint, { userName, password });
      for (const endpoint of ['', 'x'.repeat(5000), 'a\u0000b', 'a\nb']) {
        await rejects(ledger.open({ provider: 'alpha', endpoint }), 'invalid-request');
        await rejects(ledger.open({ provider: endpoint, endpoint: 'one' }), 'invalid-request');
        await rejects(save('alpha', endpoint, 'a'), 'invalid-request');
        await rejects(save('alpha', 'b', endpoint), 'invalid-request');
      }
      const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
      const huge = secret('x'.repeat(2_000_000));
      await rejects(ledger.opened(key, facts('one', { secret: huge })), 'invalid-request');
      await rejects(ledger.opened(key, facts('one', { id: 'x'.repeat(5000) })), 'invalid-request');
      await rejects(ledger.opened(key, facts('one', { effects: [] as never })), 'invalid-request');
      assert.deepEqual(
        (await ledger.entries()).map(({ state }) => state),
        ['opening'],
      );
    },
  },
];
