import type { CredentialStore, TrustEntry, TrustStore } from './ledger.ts';
import * as records from './ledger-records.ts';
import type { Credential } from './provider.ts';

/** Trust in servers, kept in memory. */
export class MemoryTrust implements TrustStore {
  readonly #now: () => number;
  readonly #entries = new Map<string, TrustEntry>();

  /** `now` throws once the ledger is closed. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async find(host: string): Promise<TrustEntry | undefined> {
    this.#now();
    return this.#entries.get(records.trustHost(host));
  }

  async list(): Promise<readonly TrustEntry[]> {
    this.#now();
    return [...this.#entries.values()].sort((one, other) => (one.host < other.host ? -1 : 1));
  }

  async save(entry: Omit<TrustEntry, 'savedAt'>): Promise<void> {
    const saved = records.trustEntry(entry, this.#now());
    this.#entries.set(saved.host, saved);
  }

  async remove(host: string): Promise<boolean> {
    this.#now();
    return this.#entries.delete(records.trustHost(host));
  }
}

/** Credentials, kept in memory and not sealed. */
export class MemoryCredentials implements CredentialStore {
  readonly #now: () => number;
  readonly #places = new Map<string, Map<string, Credential>>();

  /** `now` throws once the ledger is closed. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async save(provider: string, endpoint: string, credential: Credential): Promise<void> {
    this.#now();
    records.checkCredential(credential);
    const place = records.credentialPlace(provider, endpoint);
    const saved = this.#places.get(place) ?? new Map<string, Credential>();
    // What is saved again becomes the last.
    saved.delete(credential.userName);
    saved.set(credential.userName, { userName: credential.userName, password: credential.password });
    this.#places.set(place, saved);
  }

  async find(provider: string, endpoint: string, userName?: string): Promise<Credential | undefined> {
    this.#now();
    const saved = this.#places.get(records.credentialPlace(provider, endpoint));
    return userName === undefined ? [...(saved?.values() ?? [])].at(-1) : saved?.get(userName);
  }

  async erase(provider: string, endpoint: string, userName?: string): Promise<void> {
    this.#now();
    const place = records.credentialPlace(provider, endpoint);
    if (userName === undefined) this.#places.delete(place);
    else this.#places.get(place)?.delete(userName);
  }
}
