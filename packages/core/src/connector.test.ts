import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import { describe, expect, it } from '@jest/globals';
import { Fleet } from './fleet.test.support.ts';
import { ManualClock } from './manual-clock.test.support.ts';
import { DisconnectError } from './errors.ts';
import type { Host } from './host.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { APPLIANCE } from './network/certificates.test.support.ts';
import { at, listening } from './network/loopback.test.support.ts';
import type { ConnectContext, Opened, Provider } from './provider.ts';
import { Secret } from './secret.ts';
import { fullDisk, opened, pier, sliplineOf } from './pier.test.support.ts';
import { Slipline } from './slipline.ts';

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

describe('a connect', () => {
  it('is written down before the wire is touched, and listed when it has ended', async () => {
    const ledger = new MemoryLedger();
    const before: unknown[] = [];
    const connect = async ({ host }: { host: string }, context: ConnectContext): Promise<Opened> => {
      before.push(...(await ledger.entries()).map(({ state, number }) => [state, number]), context.number);
      return opened('token', host);
    };
    await using slipline = sliplineOf(pier({ connect }), ledger);
    const { session } = await slipline.connect(
      'pier',
      { host: 'one', ...credentials },
      { reason: 'a job', user: 'alice' },
    );
    expect(before).toEqual([['opening', 1], 1]);
    expect(session).toMatchObject({
      id: '1',
      state: 'live',
      principal: 'jdoe',
      endpoint: 'one',
      ownership: 'opened',
    });
    expect(await slipline.sessions()).toEqual({ sessions: [{ ...session, isDefault: true }], problems: [] });
    expect(await slipline.receipts()).toMatchObject([
      { kind: 'connect', status: 'done', reason: 'a job', user: 'alice' },
    ]);
  });

  it('with wrong parameters leaves no trace', async () => {
    const ledger = new MemoryLedger();
    await using slipline = sliplineOf(pier(), ledger);
    for (const values of [
      {},
      { host: 7 },
      { host: 'one', hots: 'two' },
      { host: 'one', password: 'plain text' },
    ])
      await expect(slipline.connect('pier', values)).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(slipline.connect('peer', { host: 'one' })).rejects.toMatchObject({
      code: 'unknown-provider',
    });
    expect([await ledger.entries(), await ledger.receipts()]).toEqual([[], []]);
  });

  it('to what nobody can connect to says so', async () => {
    await using slipline = sliplineOf(new Fleet(), new MemoryLedger());
    await expect(slipline.connect('fleet', {})).rejects.toMatchObject({
      code: 'unsupported',
      message: 'Fleet has nothing to connect to',
      next: 'slipline ls fleet lists what can be disconnected',
    });
  });

  it('that fails before anything was sent leaves nothing listed, and a receipt', async () => {
    const ledger = new MemoryLedger();
    const connect = async (): Promise<Opened> => Promise.reject(new DisconnectError('unreachable', 'no'));
    await using slipline = sliplineOf(pier({ connect }), ledger);
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({
      code: 'unreachable',
      system: 'one',
    });
    expect(await ledger.entries()).toEqual([]);
    expect(await ledger.receipts()).toMatchObject([{ status: 'failed', error: { code: 'unreachable' } }]);
  });

  it('that may have opened a session leaves it listed as unknown', async () => {
    const ledger = new MemoryLedger();
    const lost = new DisconnectError('unreachable', 'reset', { mayHaveTakenEffect: true });
    await using slipline = sliplineOf(pier({ connect: async () => Promise.reject(lost) }), ledger);
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toBeDefined();
    expect(await ledger.entries()).toMatchObject([{ state: 'unknown', session: { effects: ['forget'] } }]);
  });

  it('that fails after the session was kept ends it again, and notes why', async () => {
    const ledger = new MemoryLedger();
    const connect = async (_values: unknown, context: ConnectContext): Promise<Opened> => {
      await context.keep(opened('token'));
      throw new DisconnectError('quota', 'too many sessions');
    };
    const system = pier({ connect });
    await using slipline = sliplineOf(system, ledger);
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'quota' });
    expect([system.ended, await ledger.entries()]).toEqual([['token'], []]);
    expect(await ledger.receipts({ kind: 'disconnect' })).toMatchObject([
      { status: 'disconnected', reason: 'connect failed: quota' },
    ]);
  });

  it('that fails after an adopted session was kept leaves the session alone', async () => {
    const ledger = new MemoryLedger();
    const connect = async (_values: unknown, context: ConnectContext): Promise<Opened> => {
      await context.keep({ ...opened('token'), ownership: 'adopted' });
      throw new DisconnectError('protocol', 'that is no session');
    };
    const system = pier({ connect });
    await using slipline = sliplineOf(system, ledger);
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'protocol' });
    expect([system.ended, await ledger.entries()]).toEqual([[], []]);
  });

  it('that fails after the session was kept keeps it listed where it cannot be ended', async () => {
    const ledger = new MemoryLedger();
    const connect = async (_values: unknown, context: ConnectContext): Promise<Opened> => {
      await context.keep(opened('token'));
      throw new DisconnectError('quota', 'too many sessions');
    };
    const disconnect = async () => Promise.reject(new DisconnectError('unreachable', 'nobody answers'));
    await using slipline = sliplineOf(pier({ connect, disconnect }), ledger);
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'quota' });
    expect(await ledger.entries()).toMatchObject([{ state: 'closing', hasSecret: true }]);
  });

  it('is given up at its deadline, not counting the time that a person takes', async () => {
    const clock = new ManualClock();
    const connect = async ({ host }: { host: string }, context: ConnectContext): Promise<Opened> => {
      await context.credential(host);
      await clock.sleep(59_000);
      return opened('token', host);
    };
    const credential = async () => {
      await clock.sleep(3_600_000);
      return credentials;
    };
    const { plugin } = pier({ connect });
    await using slipline = new Slipline({
      providers: [plugin],
      ledger: new MemoryLedger(),
      clock,
      prompts: { credential },
    });
    const connecting = slipline.connect('pier', { host: 'one' });
    await clock.advance(3_659_000);
    expect((await connecting).session.state).toBe('live');
    const tooSlow = slipline.connect('pier', { host: 'one' }, { timeout: 58_000 });
    const settled = tooSlow.catch((error: unknown) => error);
    await clock.advance(58_050);
    expect(await settled).toMatchObject({ code: 'timeout', system: 'one' });
  });

  it('makes the first session the default, and another one where that is asked for', async () => {
    await using slipline = sliplineOf(pier(), new MemoryLedger());
    const defaults = async () =>
      (await slipline.sessions()).sessions.filter((session) => session.isDefault).map(({ id }) => id);
    await slipline.connect('pier', { host: 'one' });
    await slipline.connect('pier', { host: 'two' });
    expect(await defaults()).toEqual(['1']);
    const { session } = await slipline.connect('pier', { host: 'three' }, { makeDefault: true });
    expect([session.isDefault, await defaults()]).toEqual([true, ['3']]);
  });

  it('saves a credential only where it succeeds, and only where that is asked for', async () => {
    const ledger = new MemoryLedger();
    let isRefused = true;
    const connect = async ({ host }: { host: string }): Promise<Opened> => {
      if (isRefused) throw new DisconnectError('unauthenticated', 'the password is wrong');
      return opened('token', host);
    };
    await using slipline = sliplineOf(pier({ connect }), ledger);
    const saved = async () => (await ledger.credentials.find('pier', 'one'))?.userName;
    const values = { host: 'one', ...credentials };
    await expect(slipline.connect('pier', values, { saveCredential: true })).rejects.toBeDefined();
    expect(await saved()).toBeUndefined();
    isRefused = false;
    await slipline.connect('pier', values);
    expect(await saved()).toBeUndefined();
    await slipline.connect('pier', values, { saveCredential: true });
    expect(await saved()).toBe('jdoe');
  });
});

describe('an open session', () => {
  it('ends with its scope', async () => {
    const ledger = new MemoryLedger();
    const system = pier();
    await using slipline = sliplineOf(system, ledger);
    {
      await using boat = await slipline.connect('pier', { host: 'one' });
      expect((await ledger.entries()).map(({ session }) => session.id)).toEqual([boat.session.id]);
    }
    expect([system.ended, await ledger.entries()]).toEqual([['token'], []]);
  });

  it('ends once, however often it is told to', async () => {
    const system = pier();
    await using slipline = sliplineOf(system, new MemoryLedger());
    const boat = await slipline.connect('pier', { host: 'one' });
    const [one, other] = await Promise.all([boat.disconnect({ reason: 'done' }), boat.disconnect()]);
    await boat[Symbol.asyncDispose]();
    expect(one).toBe(other);
    expect(one.outcomes).toMatchObject([{ status: 'disconnected' }]);
    expect(system.ended).toEqual(['token']);
  });

  it('that cannot be ended says why, stays listed, and can be told again', async () => {
    const ledger = new MemoryLedger();
    let tries = 0;
    const disconnect = async () => {
      tries += 1;
      if (tries === 1) throw new DisconnectError('unreachable', 'nobody answers');
      return { wasGone: false };
    };
    await using slipline = sliplineOf(pier({ disconnect }), ledger);
    const boat = await slipline.connect('pier', { host: 'one' });
    await expect(boat.disconnect()).rejects.toMatchObject({ code: 'unreachable', system: 'one' });
    expect(await ledger.entries()).toHaveLength(1);
    await boat[Symbol.asyncDispose]();
    expect(await ledger.entries()).toEqual([]);
  });

  it('that was adopted is left alone', async () => {
    const system = pier({ connect: async () => ({ ...opened('token'), ownership: 'adopted' }) });
    await using slipline = sliplineOf(system, new MemoryLedger());
    const boat = await slipline.connect('pier', { host: 'one' });
    await boat[Symbol.asyncDispose]();
    expect(system.ended).toEqual([]);
    expect((await boat.disconnect()).outcomes).toMatchObject([{ status: 'skipped', reason: 'adopted' }]);
  });
});

describe('how to recognise a server', () => {
  const pin = new X509Certificate(APPLIANCE.certificate).fingerprint256.replaceAll(':', '').toLowerCase();

  /** A provider that signs in over TLS, and what its server has received. */
  async function signIn() {
    const requests: string[] = [];
    const server = createServer(
      { cert: APPLIANCE.certificate, key: APPLIANCE.privateKey },
      (request, response) => {
        requests.push(request.url ?? '');
        response.statusCode = status;
        response.end('token');
      },
    );
    let status = 200;
    const loopback = await listening(server, () => requests.join());
    const { plugin } = pier();
    const create = async (host: Host): Promise<Provider> => ({
      ...(await plugin.create(host)),
      connect: async () => {
        const response = await host.fetch('https://appliance.test/sign-in');
        if (!response.ok) throw new DisconnectError('unauthenticated', 'the password is wrong');
        return opened(await response.text(), 'appliance.test');
      },
    });
    const ledger = new MemoryLedger();
    const slipline = new Slipline({
      providers: [{ ...plugin, create }],
      ledger,
      network: { resolve: at('appliance.test', loopback) },
    });
    return { loopback, slipline, ledger, answer: (code: number) => void (status = code) };
  }

  it('is kept where the connect succeeded, and only there', async () => {
    const { loopback, slipline, ledger, answer } = await signIn();
    const values = { host: 'appliance.test' };
    await expect(slipline.connect('pier', values)).rejects.toMatchObject({ code: 'untrusted' });
    await expect(slipline.connect('pier', values, { trust: { pin: 'ab'.repeat(32) } })).rejects.toMatchObject(
      {
        code: 'untrusted',
      },
    );
    expect(loopback.received()).toBe('');
    answer(401);
    await expect(slipline.connect('pier', values, { trust: { pin } })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    expect(await ledger.trust.list()).toEqual([]);
    answer(200);
    await slipline.connect('pier', values, { trust: { pin } });
    expect(await ledger.trust.list()).toMatchObject([{ host: 'appliance.test:443', pin }]);
    await slipline[Symbol.asyncDispose]();
    await loopback[Symbol.asyncDispose]();
  });

  it('is known to the next process', async () => {
    const { loopback, slipline, ledger } = await signIn();
    await ledger.trust.save({ host: 'appliance.test:443', pin });
    const { session } = await slipline.connect('pier', { host: 'appliance.test' });
    expect(session.state).toBe('live');
    await slipline[Symbol.asyncDispose]();
    await loopback[Symbol.asyncDispose]();
  });
});

describe('a person who has to act elsewhere', () => {
  const notice = { text: 'type this code', url: 'https://login.test/device', code: 'ABC' };
  const asking = async (_values: unknown, context: ConnectContext): Promise<Opened> => {
    await context.show(notice);
    return opened('token');
  };

  it('is told what to do', async () => {
    const shown: unknown[] = [];
    const prompts = { notice: async (given: unknown) => void shown.push(given) };
    await using slipline = sliplineOf(pier({ connect: asking }), new MemoryLedger(), prompts);
    await slipline.connect('pier', { host: 'one' });
    expect(shown).toEqual([notice]);
  });

  it('is missed where there is nobody', async () => {
    await using slipline = sliplineOf(pier({ connect: asking }), new MemoryLedger());
    const connecting = slipline.connect('pier', { host: 'one' });
    await expect(connecting).rejects.toMatchObject({
      code: 'unauthenticated',
      next: 'sign in with a secret, a certificate or a token',
    });
  });

  it('has more time than the deadline', async () => {
    const clock = new ManualClock();
    const patient = async (_values: unknown, context: ConnectContext): Promise<Opened> => {
      await context.whilePersonActs(async () => clock.advance(600_000));
      return opened('token');
    };
    const { plugin } = pier({ connect: patient });
    await using slipline = new Slipline({ providers: [plugin], ledger: new MemoryLedger(), clock });
    const connecting = slipline.connect('pier', { host: 'one' }, { timeout: 1000 });
    await expect(connecting).resolves.toMatchObject({ session: { state: 'live' } });
  });
});
