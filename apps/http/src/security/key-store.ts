import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Clock } from '@slipline/core';
import { DisconnectError } from '@slipline/core';
import { readPrivate, writePrivate } from '../files.ts';
import { whileLocked } from './file-lock.ts';
import { parseKeys, type KeyRecord } from './key-records.ts';
import { makeWho, type Role, type Who } from './who.ts';

const LARGEST_FILE = 4 * 1024 * 1024;
const KEY = /^slk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;
/** Milliseconds after which the file is looked at again. */
const GLANCE = 500;
/** What the secret of a key that is not there is compared with. */
const NOBODY = randomBytes(32);

/** Whom a key stands for. */
export interface KeyHolder {
  readonly id: string;
  readonly who: Who;
}

export interface NewKey {
  readonly user: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  /** Milliseconds from now until it ends; never when absent. */
  readonly lifetime?: number | undefined;
}

interface Loaded {
  readonly stamp: string;
  readonly byId: ReadonlyMap<
    string,
    { readonly record: KeyRecord; readonly hash: Buffer; readonly who: Who }
  >;
}

/**
 * The API keys, in a file of this user alone, which has no more than their SHA-256: they are 256 random bits each. Changes
 * of other processes are noticed within a second. A file that cannot be understood lets nobody in, and is left as it is.
 */
export class KeyStore {
  readonly #file: string;
  readonly #clock: Pick<Clock, 'now'>;
  #loaded: Loaded;
  #lookedAt: number;
  #reading: Promise<void> | undefined;

  private constructor(file: string, clock: Pick<Clock, 'now'>, loaded: Loaded) {
    this.#file = file;
    this.#clock = clock;
    this.#loaded = loaded;
    this.#lookedAt = clock.now();
  }

  /** Throws `internal` where the file is damaged. */
  static async open(file: string, clock: Pick<Clock, 'now'>): Promise<KeyStore> {
    return new KeyStore(file, clock, await load(file));
  }

  /** The text that is a key is told once, here. */
  async create(wanted: NewKey): Promise<{ readonly key: string; readonly record: KeyRecord }> {
    const { user, role, scopes, lifetime } = wanted;
    makeWho(user, role, scopes);
    const id = randomBytes(16).toString('hex').slice(0, 12);
    const secret = randomBytes(32).toString('base64url');
    const now = this.#clock.now();
    const record: KeyRecord = {
      id,
      user,
      role,
      scopes,
      hash: hashOf(secret).toString('hex'),
      createdAt: new Date(now).toISOString(),
      ...(lifetime !== undefined && { expiresAt: new Date(now + lifetime).toISOString() }),
    };
    await this.#change((records) => [...records, record]);
    return { key: `slk_${id}_${secret}`, record };
  }

  async list(): Promise<readonly KeyRecord[]> {
    await this.refresh();
    return [...this.#loaded.byId.values()].map(({ record }) => record);
  }

  /** Throws `not-found`. */
  async revoke(id: string): Promise<void> {
    await this.#change((records) => {
      if (records.some((record) => record.id === id)) return records.filter((record) => record.id !== id);
      throw new DisconnectError('not-found', `there is no key "${id.slice(0, 40)}"`, {
        next: 'slipline-http keys ls',
      });
    });
  }

  /** The id in the text of a key that is known, whether its secret is right or not. */
  nameIn(key: string): string | undefined {
    const [, id = ''] = KEY.exec(key) ?? [];
    return this.#loaded.byId.has(id) ? id : undefined;
  }

  /** Whose key this is; nothing where it is none, was revoked or has ended. */
  async find(key: string): Promise<KeyHolder | undefined> {
    await this.refresh();
    const [, id = '', secret = ''] = KEY.exec(key) ?? [];
    const kept = this.#loaded.byId.get(id);
    const isRight = timingSafeEqual(hashOf(secret), kept?.hash ?? NOBODY);
    return kept !== undefined && isRight && this.isGood(id) ? { id, who: kept.who } : undefined;
  }

  /** Whether the key of this id counts, as far as is known; `refresh` looks again. */
  isGood(id: string): boolean {
    const kept = this.#loaded.byId.get(id);
    if (kept === undefined) return false;
    const { expiresAt } = kept.record;
    return expiresAt === undefined || this.#clock.now() < Date.parse(expiresAt);
  }

  /** Reads what others have changed, at most twice a second. */
  async refresh(): Promise<void> {
    const now = this.#clock.now();
    if (Math.abs(now - this.#lookedAt) >= GLANCE) {
      this.#lookedAt = now;
      if (stampOf(this.#file) !== this.#loaded.stamp) this.#reading ??= this.#read();
    }
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      this.#loaded = await load(this.#file);
    } catch (error) {
      this.#loaded = { stamp: 'unreadable', byId: new Map() };
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }

  async #change(change: (records: readonly KeyRecord[]) => readonly KeyRecord[]): Promise<void> {
    await whileLocked(this.#file, async () => {
      const { byId } = await load(this.#file);
      const records = change([...byId.values()].map(({ record }) => record));
      await writePrivate(this.#file, `${JSON.stringify({ version: 1, keys: records }, null, 2)}\n`);
      this.#loaded = await load(this.#file);
    });
  }
}

async function load(file: string): Promise<Loaded> {
  const stamp = stampOf(file);
  const records = parseKeys(file, await readPrivate(file, LARGEST_FILE));
  const byId = new Map(
    records.map((record) => {
      const { id, user, role, scopes, hash } = record;
      return [id, { record, hash: Buffer.from(hash, 'hex'), who: makeWho(user, role, scopes) }] as const;
    }),
  );
  return { stamp, byId };
}

/** Changes with each change of the file, which is always replaced whole. */
function stampOf(file: string): string {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
