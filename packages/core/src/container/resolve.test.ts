import { describe, expect, it } from '@jest/globals';
import { CLOCK, DIAL, FETCH, LOG, OPTIONS, type Clock, type Host, type Logger } from '../host.ts';
import { inject, injectable } from './index.ts';
import { resolveIn } from './resolve.ts';

const log: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const host: Omit<Host, 'resolve'> = {
  log,
  clock: { now: () => 7, sleep: async () => {}, after: () => () => undefined },
  fetch: async () => new Response('hello'),
  dial: () => Promise.reject(new Error('no')),
};

@injectable()
class Client {
  readonly fetch: Host['fetch'];
  readonly dial: Host['dial'];
  readonly options: unknown;

  constructor(
    @inject(FETCH) fetch: Host['fetch'],
    @inject(DIAL) dial: Host['dial'],
    @inject(OPTIONS) options: unknown,
  ) {
    this.fetch = fetch;
    this.dial = dial;
    this.options = options;
  }
}

@injectable()
class HarborProvider {
  readonly client: Client;
  readonly log: Logger;
  readonly clock: Clock;

  constructor(@inject(Client) client: Client, @inject(LOG) log: Logger, @inject(CLOCK) clock: Clock) {
    this.client = client;
    this.log = log;
    this.clock = clock;
  }
}

@injectable()
class Failing {
  constructor(@inject(OPTIONS) options: { readonly size: number }) {
    if (options.size < 3) throw new RangeError('the harbour is too small');
  }
}

/** Decorated by nobody, or by another copy of the library: then its parameters are not known. */
class Undecorated {
  readonly log: Logger;

  constructor(log: Logger) {
    this.log = log;
  }
}

@injectable()
class Wanting {
  readonly nothing: unknown;

  constructor(@inject(Symbol.for('slipline.NOTHING')) nothing: unknown) {
    this.nothing = nothing;
  }
}

describe('resolveIn', () => {
  it('builds a class from the host and its options, and the classes it asks for', () => {
    const provider = resolveIn(host, HarborProvider, { retries: 3 });
    expect(provider).toBeInstanceOf(HarborProvider);
    expect(provider.client).toBeInstanceOf(Client);
    expect(provider.client.options).toEqual({ retries: 3 });
    expect([provider.log, provider.clock, provider.client.fetch, provider.client.dial]).toEqual([
      host.log,
      host.clock,
      host.fetch,
      host.dial,
    ]);
  });

  it('keeps providers apart', () => {
    const otherClock = { now: () => 8, sleep: async () => {}, after: () => () => undefined };
    const one = resolveIn(host, HarborProvider, 'one');
    const other = resolveIn({ ...host, clock: otherClock }, HarborProvider, 'other');
    expect([one.client.options, other.client.options]).toEqual(['one', 'other']);
    expect([one.clock.now(), other.clock.now()]).toEqual([7, 8]);
    expect(one.client).not.toBe(other.client);
    expect(resolveIn(host, HarborProvider, undefined).client.options).toBeUndefined();
  });

  it('says what failed, and keeps the cause', () => {
    expect(() => resolveIn(host, Failing, { size: 2 })).toThrow(
      expect.objectContaining({
        code: 'internal',
        message: 'Failing cannot be built: the harbour is too small',
        cause: expect.objectContaining({ name: 'RangeError' }),
      }),
    );
    expect(() => resolveIn(host, Wanting, {})).toThrow(/^Wanting cannot be built: /);
  });

  it('hints at two copies of core where a decorated class is not known', () => {
    expect(() => resolveIn(host, Undecorated, {})).toThrow(
      expect.objectContaining({
        code: 'internal',
        next: 'are two copies of @slipline/core installed? npm ls @slipline/core',
      }),
    );
  });
});
