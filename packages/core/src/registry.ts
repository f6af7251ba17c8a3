import { DisconnectError } from './errors.ts';
import type { Host } from './host.ts';
import { CONTRACT, type AnyPlugin, type Provider } from './provider.ts';
import { describeThrown } from './thrown.ts';

/** A plugin that is imported when it is first needed. */
export interface LazyPlugin {
  readonly id: string;
  load(): Promise<AnyPlugin>;
}

/** A plugin and the provider made of it. */
export interface Loaded {
  readonly plugin: AnyPlugin;
  readonly provider: Provider;
}

/** The providers an app composed, each made when it is first used and closed by this registry. */
export class Registry implements AsyncDisposable {
  readonly #sources = new Map<string, AnyPlugin | LazyPlugin>();
  readonly #host: (id: string) => Promise<Host>;
  readonly #plugins = new Map<string, Promise<AnyPlugin>>();
  readonly #loaded = new Map<string, Promise<Loaded>>();
  #isClosed = false;

  constructor(sources: readonly (AnyPlugin | LazyPlugin)[], host: (id: string) => Promise<Host>) {
    this.#host = host;
    for (const source of sources) {
      if (this.#sources.has(source.id)) {
        throw new DisconnectError('invalid-request', `two providers are called "${source.id}"`, {
          next: 'leave one of them out',
        });
      }
      this.#sources.set(source.id, source);
    }
  }

  get ids(): readonly string[] {
    return [...this.#sources.keys()];
  }

  /** The plugin, imported but not created. */
  plugin(id: string): Promise<AnyPlugin> {
    return once(this.#plugins, id, async () => {
      const source = this.#sources.get(id);
      if (source === undefined) throw unknownProvider(id, this.ids);
      const plugin = 'load' in source ? await loading(id, () => source.load()) : source;
      checkPlugin(id, plugin);
      return plugin;
    });
  }

  get(id: string): Promise<Loaded> {
    if (this.#isClosed) return Promise.reject(closed());
    return once(this.#loaded, id, async () => {
      const plugin = await this.plugin(id);
      const host = await this.#host(id);
      return { plugin, provider: await loading(id, async () => plugin.create(host)) };
    });
  }

  /** Closes every provider that was made, newest first; all are attempted, and what went wrong is gathered. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const made = [...this.#loaded.values()].reverse();
    this.#loaded.clear();
    const errors: unknown[] = [];
    for (const making of made) {
      const loaded = await making.catch(() => undefined);
      try {
        await loaded?.provider[Symbol.asyncDispose]?.();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'a provider could not be closed');
  }
}

/** The same promise for the same key; a failed one is forgotten, so that it can be tried again. */
function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(key);
  if (known !== undefined) return known;
  const promise = make();
  made.set(key, promise);
  promise.catch(() => made.delete(key));
  return promise;
}

function unknownProvider(id: string, known: readonly string[]): DisconnectError {
  const next = known.length === 0 ? 'no provider is installed' : `installed: ${known.join(', ')}`;
  return new DisconnectError('unknown-provider', `there is no provider "${id.slice(0, 80)}"`, { next });
}

/** What a plugin's own code throws while it is imported or created, in our words. */
async function loading<T>(id: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (DisconnectError.is(cause)) throw cause;
    throw new DisconnectError(
      'internal',
      `provider "${id}" cannot be loaded: ${describeThrown(cause).message}`,
      {
        cause,
        next: 'install it again, or ask who made it',
      },
    );
  }
}

/** A plugin from outside is only typed as if it fitted. */
function checkPlugin(id: string, plugin: Partial<Record<keyof AnyPlugin, unknown>> | undefined): void {
  const contract = plugin?.contract;
  if (contract !== CONTRACT) {
    throw new DisconnectError(
      'unsupported',
      `provider "${id}" was written for contract ${String(contract)}, this is ${CONTRACT}`,
      { next: 'install versions of the provider and of Slipline that belong together' },
    );
  }
  if (plugin?.id === id) return;
  throw new DisconnectError(
    'unsupported',
    `what was loaded for provider "${id}" is "${String(plugin?.id)}"`,
    {
      next: 'correct the name it is installed under',
    },
  );
}

function closed(): DisconnectError {
  return new DisconnectError('invalid-request', 'the providers are closed');
}
