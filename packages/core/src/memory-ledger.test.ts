import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { MemoryLedger } from './memory-ledger.ts';
import type { Opened } from './provider.ts';
import { Secret } from './secret.ts';

const CANARY = 'canary-7f3a';

const opened: Opened = {
  endpoint: 'ov1.example',
  kind: 'connection',
  label: 'jdoe on ov1.example',
  ownership: 'opened',
  effects: ['end'],
  details: { version: 2000 },
  secret: new Secret(CANARY),
};

describe('MemoryLedger', () => {
  it('takes an own session from its intent to its end', async () => {
    await using ledger = new MemoryLedger();
    const { key, session, state } = await ledger.open({ provider: 'hpe-oneview', endpoint: 'ov1.example' });
    expect(state).toBe('opening');
    expect(session).toMatchObject({ id: '1', isDefault: true, effects: [], state: 'unknown' });

    const open = await ledger.opened(key, opened);
    expect(open).toMatchObject({
      state: 'open',
      hasSecret: true,
      session: { state: 'live', effects: ['end'] },
    });
    expect((await ledger.secret(open.session)).reveal()).toBe(CANARY);

    const [begun] = await ledger.begin([{ kind: 'disconnect', session: open.session, effect: 'end' }]);
    expect(begun?.before).toBe('open');
    await ledger.finish([
      { operation: begun?.operation ?? '', status: 'disconnected', verification: 'verified', entry: 'ended' },
    ]);
    expect(await ledger.entries()).toEqual([]);
    await expect(ledger.secret(open.session)).rejects.toMatchObject({ code: 'not-found' });
    expect((await ledger.receipts()).map(({ kind, status }) => [kind, status])).toEqual([
      ['disconnect', 'disconnected'],
      ['connect', 'done'],
    ]);
  });

  it('shows no secret in what it lists or in itself', async () => {
    await using ledger = new MemoryLedger();
    const { key } = await ledger.open({ provider: 'hpe-oneview', endpoint: 'ov1.example' });
    await ledger.opened(key, opened);
    await ledger.credentials.save('hpe-oneview', 'ov1.example', {
      userName: 'jdoe',
      password: new Secret(CANARY),
    });
    const shown = [await ledger.entries(), await ledger.receipts(), ledger];
    expect(JSON.stringify(shown) + inspect(shown, { depth: 20, showHidden: true })).not.toContain(CANARY);
  });

  it('ends ten thousand sessions in one go', async () => {
    await using ledger = new MemoryLedger();
    const sessions = [];
    for (let count = 0; count < 10_000; count += 1) {
      const { key } = await ledger.open({ provider: 'hpe-oneview', endpoint: `ov${count}.example` });
      sessions.push((await ledger.opened(key, { ...opened, endpoint: `ov${count}.example` })).session);
    }
    const begun = await ledger.begin(
      sessions.map((session) => ({ kind: 'disconnect', session, effect: 'end' })),
    );
    await ledger.finish(
      begun.map(({ operation }) => ({ operation, status: 'disconnected', entry: 'ended' })),
    );
    expect(await ledger.entries()).toEqual([]);
    expect(await ledger.entries({ states: ['ended'] })).toHaveLength(10_000);
  });
});
