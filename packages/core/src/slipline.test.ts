import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { fullDisk, opened, pier, sliplineOf } from './pier.test.support.ts';
import type { Provider } from './provider.ts';
import { Slipline } from './slipline.ts';

describe('a ledger that cannot be opened', () => {
  it('is tried again, and is none to close', async () => {
    const providers = [pier().plugin];
    const answers = [Promise.reject<MemoryLedger>(fullDisk()), Promise.resolve(new MemoryLedger())];
    const ledger = async (): Promise<MemoryLedger> => answers.shift() ?? Promise.reject(fullDisk());
    await using slipline = new Slipline({ providers, ledger });
    await expect(slipline.sessions()).rejects.toMatchObject({ message: 'the disk is full' });
    await expect(slipline.sessions()).resolves.toEqual({ sessions: [], problems: [] });
    const other = new Slipline({ providers, ledger });
    await expect(other.sessions()).rejects.toMatchObject({ message: 'the disk is full' });
    await other[Symbol.asyncDispose]();
  });
});

describe('sessions', () => {
  it('that cannot be asked live are listed as the ledger has them', async () => {
    // eslint-disable-next-line require-yield -- it fails before it finds anything
    const find: Provider['find'] = async function* () {
      throw new DisconnectError('unreachable', 'nobody answers');
    };
    await using slipline = sliplineOf(pier({ find }), new MemoryLedger());
    const { session } = await slipline.connect('pier', { host: 'one' });
    expect(await slipline.sessions({ isLive: true })).toMatchObject({
      sessions: [{ id: session.id, endpoint: 'one' }],
      problems: [{ provider: 'pier', error: { code: 'unreachable' } }],
    });
  });

  it('that are named twice are planned once', async () => {
    await using slipline = sliplineOf(pier(), new MemoryLedger());
    const { session } = await slipline.connect('pier', { host: 'one' });
    const plan = await slipline.plan({ sessions: [session, { ...session, endpoint: 'ONE' }] });
    expect(plan.steps).toHaveLength(1);
  });

  it('are read from the ledger once, however many are named', async () => {
    const ledger = new MemoryLedger();
    await using slipline = sliplineOf(pier({ connect: async () => opened(crypto.randomUUID()) }), ledger);
    for (let count = 0; count < 5; count += 1) await slipline.connect('pier', { host: 'one' });
    const read = ledger.entries.bind(ledger);
    let reads = 0;
    ledger.entries = async (filter) => {
      reads += 1;
      return read(filter);
    };
    const plan = await slipline.plan({ provider: 'pier', selector: { id: ['1', '2', '3', '4', '5'] } });
    expect([plan.steps.length, reads]).toEqual([5, 1]);
  });
});
