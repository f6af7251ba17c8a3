import { randomBytes } from 'node:crypto';
import { DisconnectError } from '@slipline/core';
import { createAuthority } from './authority.ts';
import type { Bench, BenchOptions, Shared } from './bench.ts';

/** A provider whose package may ship a fake system. */
export interface BenchSource {
  readonly id: string;
  /** What it is imported as, for messages. */
  readonly module: string;
  /** What it exports as `./testing`: `openBench`, where there is a fake system. */
  importTesting(): Promise<unknown>;
}

export interface BenchesOptions {
  /** Told of a provider whose fake system does not start; absent where none may fail. */
  readonly onProblem?: ((error: DisconnectError) => void) | undefined;
}

/** Fake systems of several providers, by provider id. Closing stops them all. */
export interface Benches extends AsyncDisposable {
  readonly byProvider: ReadonlyMap<string, Bench>;
}

/**
 * Starts the fake systems of these providers, for a lab: with one authority, passwords at random, and once each what several
 * of them share. Throws `unsupported` where there is none.
 */
export async function openBenches(
  sources: readonly BenchSource[],
  { onProblem }: BenchesOptions = {},
): Promise<Benches> {
  const byProvider = new Map<string, Bench>();
  const lent = new Map<string, Promise<AsyncDisposable>>();
  const close = async (): Promise<void> => {
    await Promise.allSettled([...byProvider.values()].map((bench) => bench[Symbol.asyncDispose]()));
    await Promise.allSettled([...lent.values()].map(async (one) => (await one)[Symbol.asyncDispose]()));
  };
  const options = await optionsFor(lent);
  try {
    for (const source of sources) {
      try {
        const open = await openerOf(source);
        if (open !== undefined) byProvider.set(source.id, await open(options));
        else if (onProblem === undefined) throw withoutFake(source.module);
      } catch (error) {
        const known = DisconnectError.is(error) ? error : doesNotStart(source.module, error);
        if (onProblem === undefined) throw known;
        onProblem(known);
      }
    }
    if (byProvider.size === 0) throw nothingToStart();
    return { byProvider, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function optionsFor(lent: Map<string, Promise<AsyncDisposable>>): Promise<BenchOptions> {
  const shared: Shared = <T extends AsyncDisposable>(name: string, start: () => Promise<T>) => {
    const one = lent.get(name) ?? start();
    lent.set(name, one);
    return one as Promise<T>;
  };
  return {
    authority: await createAuthority({ commonName: 'Slipline lab: not a real system' }),
    password: () => randomBytes(9).toString('hex'),
    shared,
  };
}

type OpenBench = (options: BenchOptions) => Promise<Bench>;

async function openerOf(source: BenchSource): Promise<OpenBench | undefined> {
  return ((await source.importTesting()) as { readonly openBench?: OpenBench } | undefined)?.openBench;
}

function withoutFake(module: string): DisconnectError {
  return new DisconnectError('unsupported', `${module} ships no fake system, so it has no place in the lab`);
}

function doesNotStart(module: string, cause: unknown): DisconnectError {
  const words = (cause as Error | undefined)?.message ?? String(cause);
  return new DisconnectError('internal', `the fake system of ${module} does not start: ${words}`, { cause });
}

function nothingToStart(): DisconnectError {
  return new DisconnectError('unsupported', 'no provider with a fake system is installed', {
    next: 'slipline providers',
  });
}
