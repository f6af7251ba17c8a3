import { serverIdentity } from './certificates.test.support.ts';
import { defineEnvironment, type Environment } from './environments.ts';
import type { Clock } from './http.ts';
import { IdentityClient, type IdentityOptions } from './identity-client.ts';
import type { TokenPartition } from './partition.ts';
import {
  CONTOSO,
  FakeBrowser,
  FakeIdentityProvider,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type FakeIdentityProviderOptions,
} from './testing/index.ts';
import { trustingFetch } from './trusting-fetch.test.support.ts';

export const GRAPH = 'https://graph.microsoft.com/.default';
export const ADA = { userName: 'ada@contoso.onmicrosoft.com', password: 'fake-password-ada' };
export const TENANT = CONTOSO.id;

export function startProvider(
  options: Partial<FakeIdentityProviderOptions> = {},
): Promise<FakeIdentityProvider> {
  return FakeIdentityProvider.start({ certificate: serverIdentity(), ...options });
}

export function environmentOf(provider: FakeIdentityProvider): Environment {
  return defineEnvironment({ name: 'lab', login: provider.origin, graph: 'https://graph.microsoft.com' });
}

/** A partition in memory, whose lock is a queue. */
export class MemoryPartition implements TokenPartition {
  text: string | undefined;
  /** How many times something was stored. */
  writes = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(text?: string) {
    this.text = text;
  }

  async read(): Promise<string | undefined> {
    return this.text;
  }

  replace(change: (current: string | undefined) => Promise<string | undefined>): Promise<void> {
    const work = this.#queue.then(async () => {
      const next = await change(this.text);
      if (next !== this.text) this.writes += 1;
      this.text = next;
    });
    this.#queue = work.catch(() => undefined);
    return work;
  }
}

/** A clock that moves only when it is told to, and by itself while somebody sleeps. */
export function movableClock(now = Date.now()) {
  const slept: number[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      signal.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
  return {
    ...clock,
    slept,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

export type ClientOptions = Partial<IdentityOptions>;

/** A client of the fake's public application in Contoso; `options` say what is different. */
export function publicClient(provider: FakeIdentityProvider, options: ClientOptions = {}) {
  const partition = new MemoryPartition();
  const client = new IdentityClient({
    environment: environmentOf(provider),
    clientId: PUBLIC_APPLICATION.clientId,
    tenant: TENANT,
    signIn: { kind: 'device-code' },
    partition,
    fetch: trustingFetch,
    ...options,
  });
  return { client, partition };
}

/** A client of the fake's confidential application in Contoso. */
export function secretClient(provider: FakeIdentityProvider, options: ClientOptions = {}) {
  return publicClient(provider, {
    clientId: SECRET_APPLICATION.clientId,
    signIn: { kind: 'client-secret', clientSecret: 'fake~client-secret' },
    ...options,
  });
}

/** Signs Ada in by device code, at once. */
export async function signedIn(
  provider: FakeIdentityProvider,
  { partition = new MemoryPartition(), ...options }: ClientOptions & { partition?: MemoryPartition } = {},
) {
  const { client } = publicClient(provider, { partition, ...options });
  const token = await client.signIn({
    scopes: [GRAPH],
    onDeviceCode: ({ userCode }) => provider.approveDevice(userCode, ADA.userName),
  });
  return { client, partition, token };
}

/** A browser in front of which somebody signs in; its outcome is awaited by `openBrowser`, so that nothing is left over. */
export function browserOf(
  person: { userName: string; password: string; decision?: 'accept' | 'decline' } = ADA,
) {
  const browser = new FakeBrowser(serverIdentity().certificate);
  return async (url: string) => {
    await browser.signIn(url, person);
  };
}

/** What a promise rejects with. */
export async function failureOf(pending: Promise<unknown>): Promise<unknown> {
  try {
    await pending;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}
