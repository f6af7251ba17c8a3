import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { fullDisk, opened, pier, sliplineOf } from './pier.test.support.ts';
import { planFor } from './plan.ts';
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

describe('Slipline', () => {
  const lazy = (loaded: string[], id = 'pier') => ({
    id,
    load: async () => {
      loaded.push(id);
      return pier().plugin;
    },
  });

  it('loads no provider to list what the ledger has, nor to close', async () => {
    const ledger = new MemoryLedger();
    await using first = sliplineOf(pier(), ledger);
    await first.connect('pier', { host: 'one' });
    const loaded: string[] = [];
    const slipline = new Slipline({ providers: [lazy(loaded), lazy(loaded, 'quay')], ledger });
    expect(slipline.providers).toEqual(['pier', 'quay']);
    expect((await slipline.sessions()).sessions).toHaveLength(1);
    expect((await slipline.sessions({ provider: 'pier' })).sessions).toHaveLength(1);
    expect((await slipline.sessions({ provider: 'quay' })).sessions).toHaveLength(0);
    expect(await slipline.receipts()).toHaveLength(1);
    await slipline[Symbol.asyncDispose]();
    expect(loaded).toEqual([]);
  });

  it('loads the providers that are asked, and those only', async () => {
    const ledger = new MemoryLedger();
    await using first = sliplineOf(pier(), ledger);
    await first.connect('pier', { host: 'one' });
    const loaded: string[] = [];
    await using slipline = new Slipline({ providers: [lazy(loaded), lazy(loaded, 'quay')], ledger });
    expect((await slipline.sessions({ isLive: true })).sessions).toHaveLength(1);
    expect(loaded).toEqual(['pier']);
  });

  it('knows no other providers', async () => {
    await using slipline = sliplineOf(pier(), new MemoryLedger());
    for (const query of [{ provider: 'peer' }, { provider: 'peer', isLive: true }])
      await expect(slipline.sessions(query)).rejects.toMatchObject({ code: 'unknown-provider' });
  });

  it('closes what it made, and a ledger only where it opened it', async () => {
    const closed: string[] = [];
    const dispose: Pick<Provider, typeof Symbol.asyncDispose> = {
      [Symbol.asyncDispose]: async () => void closed.push('provider'),
    };
    const own = new MemoryLedger();
    const slipline = new Slipline({ providers: [pier(dispose).plugin], ledger: async () => own });
    const { session } = await slipline.connect('pier', { host: 'one' });
    await Promise.all([slipline[Symbol.asyncDispose](), slipline[Symbol.asyncDispose]()]);
    expect(closed).toEqual(['provider']);
    await expect(own.entries()).rejects.toMatchObject({ message: 'the ledger is closed' });
    await expect(slipline.apply(planFor(session, systemClock))).resolves.toMatchObject({
      outcomes: [{ status: 'failed' }],
    });

    const lent = new MemoryLedger();
    await sliplineOf(pier(), lent)[Symbol.asyncDispose]();
    expect(await lent.entries()).toEqual([]);
  });

  it('gathers what goes wrong when it closes', async () => {
    const failing: Pick<Provider, typeof Symbol.asyncDispose> = {
      [Symbol.asyncDispose]: async () => Promise.reject(new Error('the provider hangs')),
    };
    const ledger = new MemoryLedger();
    ledger[Symbol.asyncDispose] = async () => Promise.reject(fullDisk());
    const slipline = new Slipline({ providers: [pier(failing).plugin], ledger: async () => ledger });
    await slipline.connect('pier', { host: 'one' });
    const error: unknown = await slipline[Symbol.asyncDispose]().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toHaveLength(2);
  });
});
