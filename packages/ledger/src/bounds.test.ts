import { afterAll, describe, expect, it } from '@jest/globals';
import { Secret, type Ledger, type Session } from '@slipline/core';
import { openLedger } from './index.ts';
import { testHome } from './test-home.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

// The longest that JSON makes of one character.
const LONG = '\u0001'.repeat(20_000);

async function open(ledger: Ledger, details: Session['details'] = {}): Promise<Session> {
  const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one', reason: LONG });
  const opened = { kind: LONG, label: LONG, principal: LONG, ownership: 'opened', effects: ['end'] } as const;
  return (await ledger.opened(key, { ...opened, endpoint: 'one', expiresAt: LONG, details })).session;
}

describe('whatever is written can be read again', () => {
  it('facts that are nested deeply', async () => {
    await using ledger = await openLedger(home.next());
    const deep = JSON.parse('['.repeat(2000) + ']'.repeat(2000)) as [];
    const { details } = await open(ledger, { deep, [LONG]: 1, shallow: [{ is: 'kept' }] });
    expect(details).toEqual({ shallow: [{ is: 'kept' }] });
    expect((await ledger.entries()).map(({ session }) => session.details)).toEqual([details]);
  });

  it('what remains of a session, and what went wrong, in endless words', async () => {
    await using ledger = await openLedger(home.next());
    const session = await open(ledger, { long: LONG });
    const [begun] = await ledger.begin([{ kind: 'disconnect', session, effect: 'end', reason: LONG }]);
    const residual = Array.from({ length: 100 }, () => ({ what: LONG, until: LONG }));
    const error = { code: 'internal', message: LONG, system: LONG, next: LONG, details: { LONG } } as const;
    const operation = begun?.operation ?? '';
    await ledger.finish([{ operation, status: 'failed', entry: 'open', residual, error }]);
    expect((await ledger.receipts()).map(({ status }) => status)).toEqual(['failed', 'done']);
  });

  it('the longest password that is taken', async () => {
    await using ledger = await openLedger(home.next());
    const save = (length: number): Promise<void> =>
      ledger.credentials.save('alpha', 'one', {
        userName: '"'.repeat(2000),
        password: new Secret('\u0001'.repeat(length)),
      });
    await expect(save(16_385)).rejects.toMatchObject({ code: 'invalid-request' });
    await save(16_384);
    const found = await ledger.credentials.find('alpha', 'one');
    expect(found?.password.reveal()).toHaveLength(16_384);
  });
});
