import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { ManualClock, turn } from './manual-clock.test.support.ts';
import { fullDisk, pier, sliplineOf } from './pier.test.support.ts';
import { Slipline } from './slipline.ts';

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

describe('a use', () => {
  it('leaves a receipt, written before it is begun', async () => {
    const ledger = new MemoryLedger();
    const before: unknown[] = [];
    const access = async () => {
      before.push(...(await ledger.receipts({ kind: 'access' })).map(({ status }) => status));
      return { environment: {} };
    };
    await using slipline = sliplineOf(pier({ access }), ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    await slipline.access(session, { reason: 'a script' });
    expect(before).toEqual([undefined]);
    expect(await slipline.receipts({ kind: 'access' })).toMatchObject([
      { status: 'done', reason: 'a script', session: { id: session.id } },
    ]);
    expect((await ledger.entries()).map(({ state }) => state)).toEqual(['open']);
  });

  it('that fails is noted as such, and names the system', async () => {
    const access = async () => Promise.reject(new TypeError('x is not a function'));
    await using slipline = sliplineOf(pier({ access }), new MemoryLedger());
    const { session } = await slipline.connect('pier', { host: 'one' });
    await expect(slipline.access(session)).rejects.toMatchObject({ code: 'internal', system: 'one' });
    expect(await slipline.receipts({ kind: 'access' })).toMatchObject([
      { status: 'failed', error: { code: 'internal' } },
    ]);
  });

  it('of a session that is not there is not found', async () => {
    await using slipline = sliplineOf(
      pier({ access: async () => ({ environment: {} }) }),
      new MemoryLedger(),
    );
    await expect(slipline.access({ provider: 'pier', endpoint: 'one', id: '1' })).rejects.toMatchObject({
      code: 'not-found',
      system: 'one',
    });
    expect(await slipline.receipts()).toEqual([]);
  });

  it('that the provider does not have is not supported', async () => {
    await using slipline = sliplineOf(pier(), new MemoryLedger());
    const { session } = await slipline.connect('pier', { host: 'one' });
    await expect(slipline.access(session)).rejects.toMatchObject({ code: 'unsupported' });
    for (const name of ['message', 'constructor', '__proto__'])
      await expect(slipline.act(name, session, {})).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('an action', () => {
  it('is given its values, and noted by its name', async () => {
    const acted: unknown[] = [];
    const { plugin } = pier({
      act: async (name, session, values) => {
        acted.push([name, session.id, values]);
        return { shown: true };
      },
    });
    const text = { type: 'string', summary: 'What to say.', required: true } as const;
    const actions = { message: { summary: 'Says something.', parameters: { text } } };
    await using slipline = sliplineOf({ plugin: { ...plugin, actions } }, new MemoryLedger());
    const { session } = await slipline.connect('pier', { host: 'one' });
    await expect(slipline.act('message', session, { text: 'hello' })).resolves.toEqual({ shown: true });
    expect(acted).toEqual([['message', '1', { text: 'hello' }]]);
    expect(await slipline.receipts({ kind: 'act' })).toMatchObject([{ action: 'message', status: 'done' }]);
    await expect(slipline.act('message', session, {})).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(slipline.act('massage', session, {})).rejects.toMatchObject({ next: 'it has: message' });
    expect(acted).toHaveLength(1);
  });

  it.each([
    [undefined, 'timeout'],
    [30, undefined],
  ])('may take as long as it waits on purpose (%s seconds)', async (seconds, code) => {
    const clock = new ManualClock();
    const { plugin } = pier({
      act: async (_name, _session, _values, { signal }) => {
        await clock.sleep(40_000, signal);
        return null;
      },
    });
    const parameters = { seconds: { type: 'integer', summary: 'How long.', waits: true } } as const;
    const providers = [{ ...plugin, actions: { ask: { summary: 'Asks.', parameters } } }];
    await using slipline = new Slipline({ providers, ledger: new MemoryLedger(), clock });
    const { session } = await slipline.connect('pier', { host: 'one' });
    const asked = slipline.act('ask', session, { seconds }).then(
      () => undefined,
      (error: DisconnectError) => error.code,
    );
    while (clock.sleepers === 0) await turn();
    await clock.advance(40_000);
    expect(await asked).toBe(code);
  });
});
