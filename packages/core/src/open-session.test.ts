import { describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { OpenSessions } from './open-session.ts';
import { opened, pier, sliplineOf } from './pier.test.support.ts';
import type { Session } from './session.ts';

const BOAT: Session = {
  provider: 'pier',
  endpoint: 'one',
  id: '1',
  kind: 'boat',
  label: 'boat',
  state: 'live',
  ownership: 'opened',
  effects: ['end'],
  fingerprint: 'f',
  details: {},
};

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

  it('that is dropped is warned of in development', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let tell: (text: string) => void = () => undefined;
    const warned = new Promise<string>((resolve) => (tell = resolve));
    const sessions = new OpenSessions(
      async () => ({ outcomes: [], problems: [] }),
      (text) => tell(text),
    );
    const session = { ...BOAT, label: 'boat at one' };
    await (async () => void sessions.add(session, true))();
    const collecting = setInterval(collect, 10).unref();
    expect(await warned.finally(() => clearInterval(collecting))).toMatch(
      /^boat at one was opened .*dropped/,
    );
    // Kept until here: nothing is said of what goes together with all that knows of it.
    expect(await sessions.endAll()).toEqual([]);
  });
});
