import type { AnyPlugin, Provider } from '@slipline/core';

type Method = 'connect' | 'disconnect' | 'probe';

/** A plugin under observation: the same plugin, and what core does with the provider it creates. */
export class Watch {
  readonly plugin: AnyPlugin;
  readonly #calls: { readonly method: string; readonly ended: Promise<void> }[] = [];
  readonly #listeners = new Map<string, () => void>();
  #provider: Provider | undefined;

  constructor(plugin: AnyPlugin) {
    this.plugin = Object.freeze({
      ...plugin,
      create: async (host: Parameters<AnyPlugin['create']>[0]) => {
        this.#provider = await plugin.create(host);
        return this.#observed(this.#provider);
      },
    });
  }

  /** What `create` made; `undefined` before. */
  get provider(): Provider | undefined {
    return this.#provider;
  }

  /** Runs `listener` just before the provider is called. */
  before(method: Method, listener: () => void): void {
    this.#listeners.set(method, listener);
  }

  /** Whether core has called this. */
  wasCalled(method: Method): boolean {
    return this.#calls.some((call) => call.method === method);
  }

  /** Resolves when every call so far has settled, those that core has left behind included. */
  async settled(method: Method): Promise<void> {
    await Promise.all(this.#calls.filter((call) => call.method === method).map(({ ended }) => ended));
  }

  /** Methods run on the provider itself, so that its private fields are there. */
  #observed(provider: Provider): Provider {
    return new Proxy(provider, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...values: unknown[]): unknown => {
          this.#listeners.get(String(name))?.();
          const result: unknown = Reflect.apply(value, target, values);
          if (result instanceof Promise) {
            const ended = result.then(ignore, ignore);
            this.#calls.push({ method: String(name), ended });
          }
          return result;
        };
      },
    });
  }
}

const ignore = (): void => undefined;
