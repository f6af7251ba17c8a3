import { ledgerRecords, Secret, type Clock, type Credential, type CredentialStore } from '@slipline/core';
import type { Row } from './driver.ts';
import { doom, spare, tidy } from './housekeeping.ts';
import type { KeyFolder } from './key-folder.ts';
import { parseObject } from './records.ts';
import type { SealedFor, Sealer } from './sealing.ts';
import { storeError } from './store-errors.ts';
import type { Store } from './store.ts';

/** After so many milliseconds a credential that is being saved counts as given up. */
const SAVING = 600_000;

export interface CredentialParts {
  readonly store: Store;
  readonly keys: KeyFolder;
  readonly clock: Pick<Clock, 'now'>;
  readonly sealer: () => Promise<Sealer>;
}

/** Saved credentials. User names are kept to be found by; passwords are sealed. */
export class SealedCredentials implements CredentialStore {
  readonly #store: Store;
  readonly #keys: KeyFolder;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #sealer: () => Promise<Sealer>;

  constructor({ store, keys, clock, sealer }: CredentialParts) {
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
    this.#sealer = sealer;
  }

  async save(provider: string, endpoint: string, credential: Credential): Promise<void> {
    ledgerRecords.checkCredential(credential);
    const place = ledgerRecords.credentialPlace(provider, endpoint);
    const userName = JSON.stringify(credential.userName);
    const sealer = await this.#sealer();
    const key = crypto.randomUUID();
    const now = this.#clock.now();
    await this.#store.write(() => doom(this.#store, [key], now + SAVING));
    const sealed = this.#onDisk(() => sealer.seal(contentOf(credential), about(key, place, userName)));
    const replaced = await this.#store.write(() => {
      const keys = this.#forget(place, userName);
      this.#store.run(
        'INSERT INTO credentials (key, place, user_name, sealed) VALUES (?, ?, ?, ?)',
        key,
        place,
        userName,
        sealed,
      );
      spare(this.#store, key);
      return keys;
    });
    this.#onDisk(() => this.#keys.erase(replaced));
  }

  async find(provider: string, endpoint: string, userName?: string): Promise<Credential | undefined> {
    const place = ledgerRecords.credentialPlace(provider, endpoint);
    const row = await this.#store.read(() => this.#row(place, userName));
    if (row === undefined) return undefined;
    const sealer = await this.#sealer();
    const bound = about(String(row['key']), place, String(row['user_name']));
    const content = parseObject(
      this.#onDisk(() => sealer.unseal(row['sealed'] as Uint8Array, bound)),
      this.#store.file,
    );
    return { userName: String(content['userName']), password: new Secret(String(content['password'])) };
  }

  async erase(provider: string, endpoint: string, userName?: string): Promise<void> {
    const place = ledgerRecords.credentialPlace(provider, endpoint);
    const keys = await this.#store.write(() => {
      tidy(this.#store, this.#keys, this.#clock.now());
      return this.#forget(place, userName === undefined ? undefined : JSON.stringify(userName));
    });
    this.#onDisk(() => this.#keys.erase(keys));
  }

  #row(place: string, userName: string | undefined): Row | undefined {
    const columns = 'SELECT key, user_name, sealed FROM credentials WHERE place = ?';
    return userName === undefined
      ? this.#store.get(`${columns} ORDER BY id DESC LIMIT 1`, place)
      : this.#store.get(`${columns} AND user_name = ?`, place, JSON.stringify(userName));
  }

  /** Removes the rows of one user or of all; their keys. */
  #forget(place: string, userName: string | undefined): readonly string[] {
    const rows =
      userName === undefined
        ? this.#store.all('SELECT key FROM credentials WHERE place = ?', place)
        : this.#store.all('SELECT key FROM credentials WHERE place = ? AND user_name = ?', place, userName);
    const keys = rows.map(({ key }) => String(key));
    for (const key of keys) {
      this.#store.run('DELETE FROM credentials WHERE key = ?', key);
      doom(this.#store, [key], 0);
    }
    return keys;
  }

  #onDisk<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeError(error, this.#store.file);
    }
  }
}

function contentOf({ userName, password }: Credential): string {
  return JSON.stringify({ userName, password: password.reveal() });
}

function about(key: string, place: string, userName: string): SealedFor {
  return { key, about: ['credential', place, userName] };
}
