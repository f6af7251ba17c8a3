import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import type { Host } from './host.ts';
import type { AnyPlugin, Provider } from './provider.ts';
import { Registry } from './registry.ts';

const host = async (): Promise<Host> => ({}) as Host;

function plugin(id: string, provider: Partial<Provider> = {}, more: Partial<AnyPlugin> = {}): AnyPlugin {
  const whole: Provider = {
    find: async function* () {},
    disconnect: async () => ({ wasGone: false }),
    ...provider,
  };
  return { contract: 1, id, title: id, impact: 'low', find: {}, create: () => whole, ...more };
}

describe('Registry', () => {
  it('imports a plugin and creates its provider once, when they are first needed', async () => {
    const done: string[] = [];
    const made = plugin('harbor');
    const create = async (): Promise<Provider> => {
      done.push('create');
      return made.create({} as Host);
    };
    const load = async (): Promise<AnyPlugin> => {
      done.push('load');
      return { ...made, create };
    };
    await using registry = new Registry([{ id: 'harbor', load }], host);
    expect([registry.ids, done]).toEqual([['harbor'], []]);
    await Promise.all([registry.plugin('harbor'), registry.plugin('harbor')]);
    expect(done).toEqual(['load']);
    const [one, other] = await Promise.all([registry.get('harbor'), registry.get('harbor')]);
    expect(one).toBe(other);
    expect(done).toEqual(['load', 'create']);
  });

  it('tries again what failed, and says what went wrong in its own words', async () => {
    let tries = 0;
    const cause = new TypeError('x is not a function');
    const load = async (): Promise<AnyPlugin> => {
      tries += 1;
      if (tries === 1) throw cause;
      return plugin('harbor', {}, tries === 2 ? { create: () => Promise.reject(cause) } : {});
    };
    await using registry = new Registry([{ id: 'harbor', load }], host);
    const failure = {
      code: 'internal',
      message: 'provider "harbor" cannot be loaded: x is not a function',
      next: expect.any(String),
      cause,
    };
    await expect(registry.plugin('harbor')).rejects.toMatchObject(failure);
    await expect(registry.get('harbor')).rejects.toMatchObject(failure);
    expect(tries).toBe(2);
  });

  it('creates again what could not be created', async () => {
    let tries = 0;
    const create = (): Provider => {
      tries += 1;
      if (tries === 1) throw new DisconnectError('forbidden', 'the folder belongs to somebody else');
      return { find: async function* () {}, disconnect: async () => ({ wasGone: false }) };
    };
    await using registry = new Registry([plugin('harbor', {}, { create })], host);
    await expect(registry.get('harbor')).rejects.toMatchObject({
      code: 'forbidden',
      message: 'the folder belongs to somebody else',
    });
    await expect(registry.get('harbor')).resolves.toMatchObject({ plugin: { id: 'harbor' } });
  });

  it.each<[string, unknown, string]>([
    ['for another contract', { ...plugin('harbor'), contract: 2 }, 'was written for contract 2, this is 1'],
    ['for none', { id: 'harbor' }, 'was written for contract undefined, this is 1'],
    ['that is nothing', undefined, 'was written for contract undefined, this is 1'],
    ['of another name', plugin('port'), 'what was loaded for provider "harbor" is "port"'],
  ])('refuses a plugin %s', async (_what, loaded, message) => {
    await using registry = new Registry([{ id: 'harbor', load: async () => loaded as AnyPlugin }], host);
    await expect(registry.get('harbor')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(message),
      next: expect.any(String),
    });
  });

  it('refuses two of one name, and knows no others', async () => {
    expect(() => new Registry([plugin('harbor'), plugin('harbor')], host)).toThrow(
      'two providers are called "harbor"',
    );
    await using registry = new Registry([plugin('harbor'), plugin('port')], host);
    await expect(registry.get('harbour')).rejects.toMatchObject({
      code: 'unknown-provider',
      next: 'installed: harbor, port',
    });
    await expect(registry.get('__proto__')).rejects.toMatchObject({ code: 'unknown-provider' });
    await expect(new Registry([], host).get('harbor')).rejects.toMatchObject({
      next: 'no provider is installed',
    });
  });

  it('closes what it made, newest first, tries all, and gathers what went wrong', async () => {
    const closed: string[] = [];
    const closing = (id: string, error?: Error): AnyPlugin =>
      plugin(id, {
        [Symbol.asyncDispose]: async () => {
          closed.push(id);
          if (error !== undefined) throw error;
        },
      });
    const errors = [new Error('one'), new Error('three')] as const;
    const registry = new Registry(
      [
        closing('one', errors[0]),
        closing('two'),
        closing('three', errors[1]),
        closing('never used'),
        plugin('has nothing to close'),
        plugin('broken', {}, { create: () => Promise.reject(new Error('no')) }),
      ],
      host,
    );
    for (const id of ['two', 'one', 'has nothing to close', 'three']) await registry.get(id);
    const broken = registry.get('broken').catch(() => 'broken');
    const failure: unknown = await registry[Symbol.asyncDispose]().catch((error: unknown) => error);
    expect(closed).toEqual(['three', 'one', 'two']);
    expect((failure as AggregateError).errors).toEqual([errors[1], errors[0]]);
    expect(await broken).toBe('broken');
    await registry[Symbol.asyncDispose]();
    expect(closed).toHaveLength(3);
  });

  it('waits for one that is being made, closes it, and makes no more', async () => {
    let isClosed = false;
    let finish: (() => void) | undefined;
    const provider: Partial<Provider> = { [Symbol.asyncDispose]: async () => void (isClosed = true) };
    const registry = new Registry(
      [
        plugin(
          'slow',
          {},
          {
            create: async () => {
              await new Promise<void>((resolve) => (finish = resolve));
              return plugin('slow', provider).create({} as Host);
            },
          },
        ),
      ],
      host,
    );
    const loading = registry.get('slow');
    while (finish === undefined) await new Promise((resolve) => setImmediate(resolve));
    const closing = registry[Symbol.asyncDispose]();
    await expect(registry.get('slow')).rejects.toMatchObject({ code: 'invalid-request' });
    finish();
    await closing;
    await loading;
    expect(isClosed).toBe(true);
  });
});
