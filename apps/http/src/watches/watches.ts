import { randomBytes } from 'node:crypto';
import { DisconnectError, parseParameters, type Credential } from '@slipline/core';
import type { Target, Who } from '../security/who.ts';
import { credentialIn, endpointsIn, withSecrets, type PlainValues } from './provider-values.ts';
import { Watch, type WatchParts, type WatchView } from './watch.ts';

/** A watch as it is asked for; values of `secret` parameters may be plain texts. */
export interface WatchRequest {
  readonly provider: string;
  readonly values: PlainValues;
  /** Seconds, from 2 to 3,600; 30 when absent. */
  readonly every?: number | undefined;
}

export const EVERY = { least: 2, most: 3600, usual: 30 } as const;
const MOST_WATCHES = 200;
const MOST_PER_USER = 50;

/** What is watched, by everybody for everybody in scope, until it is removed or the service stops. */
export class Watches implements AsyncDisposable {
  readonly #parts: WatchParts;
  readonly #watches = new Map<string, Watch>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** What a request would ask, which must all be in scope of who may set it up. */
  async targetsOf({ provider, values }: WatchRequest): Promise<readonly Target[]> {
    const { find } = await this.#parts.slipline.plugin(provider);
    const endpoints = endpointsIn(find, values);
    return endpoints.length === 0
      ? [{ provider, endpoint: '' }]
      : endpoints.map((endpoint) => ({ provider, endpoint }));
  }

  /** Begins at once. Throws `invalid-request` for values that the provider does not take, `quota` for too many. */
  async add({ provider, values, every = EVERY.usual }: WatchRequest, user: string): Promise<WatchView> {
    const { find } = await this.#parts.slipline.plugin(provider);
    const selector = withSecrets(find, values);
    const parsed = parseParameters(find, selector) as PlainValues;
    const ofUser = [...this.#watches.values()].filter((watch) => watch.settings.user === user);
    if (this.#watches.size >= MOST_WATCHES || ofUser.length >= MOST_PER_USER) throw tooMany();
    const id = randomBytes(12).toString('base64url');
    const endpoints = endpointsIn(find, parsed);
    const credential = credentialIn(find, parsed);
    const watch = new Watch({ id, provider, selector, endpoints, credential, every, user }, this.#parts);
    this.#watches.set(id, watch);
    void watch.refresh();
    return watch.view;
  }

  list(who: Who): readonly WatchView[] {
    return [...this.#watches.values()].filter((watch) => isSeen(watch, who)).map(({ view }) => view);
  }

  /** Throws `not-found` for a watch that is none, or out of scope. */
  get(id: string, who: Who): Watch {
    const watch = this.#watches.get(id);
    if (watch !== undefined && isSeen(watch, who)) return watch;
    throw new DisconnectError('not-found', 'there is no such watch', { next: 'GET /v1/watches' });
  }

  async remove(id: string, who: Who): Promise<void> {
    const watch = this.get(id, who);
    this.#watches.delete(id);
    await watch.stop();
  }

  /** What a watch that asks this very system was given for it. */
  credential(provider: string, endpoint: string): Credential | undefined {
    return [...this.#watches.values()].find(
      (watch) =>
        watch.settings.provider === provider &&
        watch.settings.credential !== undefined &&
        watch.covers(endpoint),
    )?.settings.credential;
  }

  /** Asks again where something was done. */
  async refresh(touched: readonly Target[]): Promise<void> {
    const asked = [...this.#watches.values()].filter((watch) =>
      touched.some(
        ({ provider, endpoint }) => provider === watch.settings.provider && watch.covers(endpoint),
      ),
    );
    await Promise.all(asked.map((watch) => watch.refresh()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(watches.map((watch) => watch.stop()));
  }
}

/** All of it must be in scope: its problems and its number of sessions tell of all its systems. */
function isSeen({ settings: { provider, endpoints } }: Watch, who: Who): boolean {
  return endpoints.length === 0
    ? who.sees({ provider, endpoint: '' })
    : endpoints.every((endpoint) => who.sees({ provider, endpoint }));
}

function tooMany(): DisconnectError {
  return new DisconnectError('quota', 'there are too many watches', {
    next: 'delete one that is not needed',
  });
}
