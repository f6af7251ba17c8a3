import { randomBytes } from 'node:crypto';
import type { FakeApplication, FakeTenant, FakeUser } from './directory.ts';
import { Directory } from './directory.ts';
import { Grants } from './grants.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import type { Workload } from './workload.ts';

/** What the provider is at this moment, as its routes see it. */
export class ProviderState {
  readonly directory: Directory;
  readonly grants = new Grants();
  readonly workload: Workload;
  readonly signingKey = randomBytes(32);
  /** AADSTS numbers, by object id of a person or client id of an application. */
  readonly refusals = new Map<string, number>();
  /** Persons who agreed to an application, as `client id|object id`. */
  readonly consents = new Set<string>();
  /** Every secret that was issued, so that a test can look for leaks. */
  readonly issued = new Set<string>();
  readonly #now: () => number;
  #settings: Settings = DEFAULT_SETTINGS;
  #origin = '';

  constructor(tenants: readonly FakeTenant[], workload: Workload, now: () => number) {
    this.directory = new Directory(tenants);
    this.workload = workload;
    this.#now = now;
  }

  get now(): number {
    return this.#now();
  }

  /** Where the provider answers, as in `https://localhost:40123`; known once it listens. */
  get origin(): string {
    return this.#origin;
  }

  set origin(origin: string) {
    this.#origin = origin;
  }

  get settings(): Settings {
    return this.#settings;
  }

  configure(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change };
  }

  /** The number with which this person is refused at this application, if any. */
  refusalOf(user: FakeUser | undefined, application: FakeApplication): number | undefined {
    return (user && this.refusals.get(user.objectId)) ?? this.refusals.get(application.clientId);
  }

  hasConsent(user: FakeUser, { clientId, consent }: FakeApplication): boolean {
    return consent === 'granted' || this.consents.has(`${clientId}|${user.objectId}`);
  }
}
