import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { fullDisk, pier, sliplineOf } from './pier.test.support.ts';

describe('access', () => {
  it('is refused where another session has the id by now', async () => {
    await using slipline = sliplineOf(
      pier({ access: async () => ({ environment: {} }) }),
      new MemoryLedger(),
    );
    const { session } = await slipline.connect('pier', { host: 'one' });
    await expect(slipline.access({ ...session, fingerprint: 'another' })).rejects.toMatchObject({
      code: 'changed',
    });
    await expect(slipline.access(session)).resolves.toEqual({ environment: {} });
  });

  it('says what went wrong, and gives what there is, although its end cannot be written down', async () => {
    const ledger = new MemoryLedger();
    let isRefused = true;
    const access = async () => {
      if (isRefused) throw new DisconnectError('forbidden', 'not for you');
      return { environment: { BOAT: 'one' } };
    };
    await using slipline = sliplineOf(pier({ access }), ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    ledger.finish = async () => Promise.reject(fullDisk());
    await expect(slipline.access(session)).rejects.toMatchObject({ code: 'forbidden' });
    isRefused = false;
    await expect(slipline.access(session)).resolves.toEqual({ environment: { BOAT: 'one' } });
  });
});
