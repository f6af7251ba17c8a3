import { CONTRACT, DisconnectError, plainText, type AnyPlugin, type JsonObject } from '@slipline/core';
import { isProviderId } from '../config.ts';

/** Milliseconds that importing a plugin and calling its factory may take. */
const PATIENCE = 10_000;

/** Where a plugin comes from, and what its user can do when it is no good. */
export interface PluginSource {
  /** Its name for people: `slipline-provider-tmux`. */
  readonly module: string;
  readonly remedy: string;
  readonly options?: JsonObject | undefined;
  importModule(): Promise<unknown>;
}

/**
 * A plugin: the module's default export, called with the options. Throws one `DisconnectError` that names the module and
 * what to do, whatever the module does.
 */
export async function loadPlugin(source: PluginSource): Promise<AnyPlugin> {
  return checked(
    source,
    await inTime(source, async () => factoryOf(source, await source.importModule())(source.options)),
  );
}

type Factory = (options: JsonObject | undefined) => unknown;

function factoryOf(source: PluginSource, namespace: unknown): Factory {
  const factory = (namespace as { readonly default?: unknown }).default;
  if (typeof factory === 'function') return factory as Factory;
  throw unfit(source, 'its default export is not a function that makes a provider plugin');
}

/** Fails after a while: a module may wait for ever, and with nothing else to do the process would just end. */
async function inTime(source: PluginSource, work: () => Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not load within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    if (DisconnectError.is(error)) throw error;
    const words = plainText((error as Error | undefined)?.message ?? String(error), 300);
    throw new DisconnectError('internal', `plugin "${source.module}" cannot be loaded: ${words}`, {
      next: source.remedy,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

function checked(source: PluginSource, value: unknown): AnyPlugin {
  if (typeof value !== 'object' || value === null) throw unfit(source, 'its factory made no provider plugin');
  const { contract, id, title, impact, find, create } = value as Readonly<Record<keyof AnyPlugin, unknown>>;
  if (contract !== CONTRACT) {
    const other = plainText(String(contract), 20);
    throw unfit(source, `it was written for contract ${other} of Slipline, and this is contract ${CONTRACT}`);
  }
  if (!isProviderId(id)) throw unfit(source, 'its id is not lower-case letters, digits and hyphens');
  const isWhole =
    typeof title === 'string' &&
    (impact === 'low' || impact === 'medium' || impact === 'high') &&
    typeof find === 'object' &&
    find !== null &&
    typeof create === 'function';
  if (!isWhole) throw unfit(source, 'its plugin needs title, impact, find and create');
  return value as AnyPlugin;
}

function unfit({ module, remedy }: PluginSource, why: string): DisconnectError {
  return new DisconnectError('unsupported', `plugin "${module}" cannot be used: ${why}`, { next: remedy });
}
