import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { opened, pier, sliplineOf } from './pier.test.support.ts';

const tokens = pier.bind(undefined, { connect: async ({ host }) => opened(`token of ${host}`, host) });

describe('a session of this process', () => {
  it('ends with its scope', async () => {
    const ledger = new MemoryLedger();
    const system = tokens();
    await using slipline = sliplineOf(system, ledger);
    {
      await using connection = await slipline.connect('pier', { host: 'one' }, { scope: 'process' });
      expect((await ledger.entries())[0]).toMatchObject({ scope: 'process', session: connection.session });
    }
    expect(system.ended).toEqual(['token of one']);
  });

  it('ends with its Slipline, once, while those of the user stay', async () => {
    const ledger = new MemoryLedger();
    const system = tokens();
    {
      await using slipline = sliplineOf(system, ledger);
      await slipline.connect('pier', { host: 'stays' });
      await slipline.connect('pier', { host: 'one' }, { scope: 'process' });
      const two = await slipline.connect('pier', { host: 'two' }, { scope: 'process' });
      await two.disconnect();
    }
    expect(system.ended).toEqual(['token of two', 'token of one']);
    expect((await ledger.entries()).map(({ session }) => session.endpoint)).toEqual(['stays']);
  });

  it('is what its provider may ask for', async () => {
    const ledger = new MemoryLedger();
    const system = pier({ connect: async ({ host }) => ({ ...opened('token', host), scope: 'process' }) });
    await sliplineOf(system, ledger).connect('pier', { host: 'of another' }, { owner: process.ppid });
    {
      await using slipline = sliplineOf(system, ledger);
      await slipline.connect('pier', { host: 'one' });
    }
    expect((await ledger.entries()).map(({ session }) => session.endpoint)).toEqual(['of another']);
  });

  it('that was adopted is forgotten, and lives on', async () => {
    const ledger = new MemoryLedger();
    const system = pier({
      connect: async ({ host }) => ({ ...opened('given', host), ownership: 'adopted' }),
    });
    await using slipline = sliplineOf(system, ledger);
    const connection = await slipline.connect('pier', { host: 'one' }, { scope: 'process' });
    expect((await connection.disconnect()).outcomes).toMatchObject([{ effect: 'forget' }]);
    expect(system.ended).toEqual([]);
    expect(await ledger.entries()).toEqual([]);
  });

  it('that cannot be ended is said when Slipline closes, and stays in the ledger', async () => {
    const ledger = new MemoryLedger();
    const disconnect = async (): Promise<never> => Promise.reject(new DisconnectError('unreachable', 'down'));
    const slipline = sliplineOf(pier({ disconnect }), ledger);
    await slipline.connect('pier', { host: 'one' }, { scope: 'process' });
    await expect(slipline[Symbol.asyncDispose]()).rejects.toMatchObject({
      errors: [{ code: 'unreachable' }],
    });
    expect(await ledger.entries()).toMatchObject([{ state: 'closing', isOrphan: true }]);
  });
});
