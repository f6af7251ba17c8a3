import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import type { ConnectContext, Opened } from './provider.ts';
import { Secret } from './secret.ts';
import { fullDisk, opened, pier, sliplineOf } from './pier.test.support.ts';

const credentials = { userName: 'jdoe', password: new Secret('correct horse') };

describe('a session that the server has issued', () => {
  it('is ended again where its credential cannot be saved', async () => {
    const ledger = new MemoryLedger();
    ledger.credentials.save = async () => Promise.reject(fullDisk());
    const system = pier({ connect: async () => opened('token') });
    await using slipline = sliplineOf(system, ledger);
    const connecting = slipline.connect('pier', { host: 'one', ...credentials }, { saveCredential: true });
    await expect(connecting).rejects.toMatchObject({ message: 'the disk is full' });
    expect(system.ended).toEqual(['token']);
    expect(await ledger.entries()).toEqual([]);
  });

  it('is listed although the caller had stopped waiting', async () => {
    const ledger = new MemoryLedger();
    let answer: (session: Opened) => void = () => undefined;
    const late = new Promise<Opened>((resolve) => (answer = resolve));
    await using slipline = sliplineOf(pier({ connect: () => late }), ledger);
    await expect(slipline.connect('pier', { host: 'one' }, { timeout: 1 })).rejects.toMatchObject({
      code: 'timeout',
    });
    answer(opened('token'));
    await new Promise((resolve) => setImmediate(resolve));
    const [entry] = await ledger.entries();
    expect(entry).toMatchObject({ state: 'open', hasSecret: true });
  });

  it('is ended again where it cannot be written down', async () => {
    const ledger = new MemoryLedger();
    ledger.opened = async () => Promise.reject(fullDisk());
    const connect = async (_values: unknown, context: ConnectContext): Promise<Opened> => {
      await context.keep(opened('token'));
      return opened('token');
    };
    const system = pier({ connect });
    await using slipline = sliplineOf(system, ledger);
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({
      message: 'the disk is full',
    });
    expect(system.ended).toEqual(['token']);
    expect(await ledger.entries()).toEqual([]);
  });

  it('stays listed as unknown where it can neither be written down nor ended', async () => {
    const ledger = new MemoryLedger();
    ledger.opened = async () => Promise.reject(fullDisk());
    const system = pier({
      connect: async () => opened('token'),
      disconnect: async () => Promise.reject(new DisconnectError('unreachable', 'nobody answers')),
    });
    await using slipline = sliplineOf(system, ledger);
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'internal' });
    expect((await ledger.entries()).map(({ state }) => state)).toEqual(['unknown']);
  });
});

it('says why a connect failed although the ledger cannot note that', async () => {
  const ledger = new MemoryLedger();
  ledger.abandon = async () => Promise.reject(fullDisk());
  const refused = async (): Promise<Opened> =>
    Promise.reject(new DisconnectError('unauthenticated', 'the password is wrong'));
  await using slipline = sliplineOf(pier({ connect: refused }), ledger);
  await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'unauthenticated' });
});

describe('a person who is asked for a credential', () => {
  const connect = async ({ host }: { host: string }, context: ConnectContext): Promise<Opened> => {
    const credential = await context.credential(host);
    if (credential?.password.reveal() !== 'right')
      throw new DisconnectError('unauthenticated', 'the password is wrong');
    return opened('token');
  };

  it('is asked again after a wrong answer', async () => {
    const answers = ['wrong', 'right'];
    const credential = async () => ({ userName: 'jdoe', password: new Secret(answers.shift() ?? '') });
    await using slipline = sliplineOf(pier({ connect }), new MemoryLedger(), { credential });
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const { session } = await slipline.connect('pier', { host: 'one' });
    expect(session.state).toBe('live');
  });

  it('is asked again after walking away', async () => {
    let asked = 0;
    const credential = async () => {
      asked += 1;
      if (asked === 1) throw new DisconnectError('aborted', 'nobody answered');
      return { userName: 'jdoe', password: new Secret('right') };
    };
    await using slipline = sliplineOf(pier({ connect }), new MemoryLedger(), { credential });
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'aborted' });
    expect((await slipline.connect('pier', { host: 'one' })).session.state).toBe('live');
  });
});
