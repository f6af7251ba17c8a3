import {
  DisconnectError,
  ledgerRecords,
  ledgerRules,
  type Begun,
  type Clock,
  type CredentialStore,
  type EntryFilter,
  type ErrorJson,
  type Ledger,
  type LedgerEntry,
  type OpenIntent,
  type Opened,
  type OperationIntent,
  type OperationResult,
  type Receipt,
  type ReceiptFilter,
  type Renewal,
  type Secret,
  type TrustStore,
} from '@slipline/core';
import { EntryList } from './entry-list.ts';
import { EntryTable, type EndedEntry } from './entry-table.ts';
import { doom, tidy } from './housekeeping.ts';
import type { KeyFolder } from './key-folder.ts';
import { makeSealer } from './make-sealer.ts';
import { OperationTable } from './operation-table.ts';
import { Records } from './records.ts';
import { SealedCredentials } from './sealed-credentials.ts';
import { SealedSecrets, type OwnRef } from './sealed-secrets.ts';
import type { Sealer } from './sealing.ts';
import { storeError } from './store-errors.ts';
import type { Store } from './store.ts';
import type { KeySources } from './wrapping-key.ts';
import { TrustTable } from './trust-table.ts';

export interface LedgerParts {
  readonly store: Store;
  readonly keys: KeyFolder;
  readonly clock: Pick<Clock, 'now'>;
  /** Where the wrapping key comes from, when it is first needed. */
  readonly sources: KeySources;
}

/** A ledger in one SQLite file, shared by processes. */
export class EmbeddedLedger implements Ledger {
  readonly trust: TrustStore;
  readonly credentials: CredentialStore;
  readonly #store: Store;
  readonly #keys: KeyFolder;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #sources: KeySources;
  readonly #list: EntryList;
  readonly #entries: EntryTable;
  readonly #operations: OperationTable;
  readonly #secrets: SealedSecrets;
  #sealing: Promise<Sealer> | undefined;

  constructor({ store, keys, clock, sources }: LedgerParts) {
    const records = new Records(store.file);
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
    this.#sources = sources;
    this.#list = new EntryList(store, records);
    this.#entries = new EntryTable(store, records);
    this.#operations = new OperationTable(store, records);
    const sealer = (): Promise<Sealer> => this.#sealer();
    this.#secrets = new SealedSecrets({ store, entries: this.#entries, clock, sealer });
    this.trust = new TrustTable(store, records, clock);
    this.credentials = new SealedCredentials({ store, keys, clock, sealer });
  }

  async revision(): Promise<string> {
    return this.#store.read(() => this.#store.revision());
  }

  async entries(filter: EntryFilter = {}): Promise<readonly LedgerEntry[]> {
    return this.#store.read(() => this.#list.list(filter));
  }

  async open(intent: OpenIntent): Promise<LedgerEntry> {
    // A session whose secret cannot be sealed is better not opened.
    await this.#sealer();
    const key = crypto.randomUUID();
    const fingerprint = crypto.randomUUID();
    const now = this.#clock.now();
    return this.#write(now, 1, () => {
      const number = this.#entries.freeNumber(intent.provider);
      const session = ledgerRules.openingSession(intent, number, fingerprint);
      const reason = ledgerRecords.optional(intent.reason);
      const by = ledgerRecords.optional(intent.user);
      const noted = { kind: 'connect', session, reason, user: by } as const;
      const connect = this.#operations.insert(noted, now, { entry: key });
      this.#entries.insert({ key, number, session, connect, owner: intent.owner }, now);
      return this.#list.shown(key);
    });
  }

  async opened(key: string, opened: Opened, isPartial = false): Promise<LedgerEntry> {
    try {
      const before = await this.#store.read(() => this.#entries.get(key));
      ledgerRules.stateAfterOpened(before.state);
      const now = this.#clock.now();
      const { session, sealed } = await this.#secrets.seal(before, opened, now);
      return await this.#write(now, 1, () => {
        const { state, connect } = this.#entries.get(key);
        const kept = { sealed, scope: opened.scope ?? 'user', isPartial } as const;
        this.#entries.update(key, ledgerRules.stateAfterOpened(state), session, kept, now);
        this.#operations.connected(connect, session, now);
        return this.#list.shown(key);
      });
    } catch (error) {
      // Its entry has ended, and with it the step that would have unlinked the key just written.
      if (DisconnectError.is(error) && error.code === 'changed') await this.#erase([key]);
      throw ledgerRules.mayExist(storeError(error, this.#store.file));
    }
  }

  async abandon(key: string, state: 'ended' | 'unknown', error: ErrorJson): Promise<void> {
    const now = this.#clock.now();
    await this.#write(now, 1, () => {
      const entry = this.#entries.get(key);
      if (state === 'ended') this.#settle([this.#entries.end(key, now)]);
      else if (entry.state !== 'ended') this.#entries.move(key, state, now);
      this.#operations.failed(entry.connect, error, now);
    });
    if (state === 'ended') await this.#erase([key]);
  }

  async makeDefault(key: string): Promise<void> {
    await this.#write(this.#clock.now(), 1, () => {
      const entry = this.#entries.get(key);
      if (entry.state === 'ended') throw ledgerRules.noEntry();
      this.#entries.makeDefault(entry);
    });
  }

  async secret(ref: OwnRef): Promise<Secret> {
    return this.#secrets.secret(ref);
  }

  async renew(ref: OwnRef, change: (current: Secret) => Promise<Renewal | undefined>): Promise<void> {
    return this.#secrets.renew(ref, change, (work) => this.#write(this.#clock.now(), 1, work));
  }

  async begin(intents: readonly OperationIntent[]): Promise<readonly Begun[]> {
    if (intents.length === 0) return [];
    const now = this.#clock.now();
    return this.#write(now, intents.length, () => intents.map((intent) => this.#begin(intent, now)));
  }

  async finish(results: readonly OperationResult[]): Promise<void> {
    if (results.length === 0) return;
    const now = this.#clock.now();
    const ended = await this.#write(now, results.length, () =>
      this.#settle(results.map((result) => this.#finish(result, now))),
    );
    for (const { fingerprint } of ended) this.#secrets.forget(fingerprint);
    await this.#erase(ended.map(({ key }) => key));
  }

  async receipts(filter: ReceiptFilter = {}): Promise<readonly Receipt[]> {
    return this.#store.read(() => this.#operations.list(filter));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#store.close();
  }

  #begin(intent: OperationIntent, now: number): Begun {
    const noted = ledgerRecords.notedIntent(intent);
    const entry = this.#entries.owned(intent.session);
    if (entry === undefined) return { operation: String(this.#operations.insert(noted, now)) };
    const { key, state, sealed } = entry;
    const operation = String(this.#operations.insert(noted, now, { entry: key, before: state }));
    if (intent.kind === 'disconnect' && state !== 'ended') {
      this.#entries.begin(key, intent.effect, now);
      if (sealed !== undefined) this.#secrets.expect(intent.session.fingerprint, { key, sealed });
    }
    return { operation, before: state };
  }

  /** The entry, where this has ended it. */
  #finish(result: OperationResult, now: number): EndedEntry | undefined {
    const own = this.#operations.finish(result, now);
    if (own === undefined) return undefined;
    if (result.entry === 'ended') return this.#entries.end(own.entry, now);
    const entry = this.#entries.find(own.entry);
    if (entry === undefined) return undefined;
    const next = ledgerRules.stateAfterFinish(entry.state, own.before, result.entry, entry.session);
    this.#secrets.forget(entry.session.fingerprint);
    if (next === 'ended') return this.#entries.end(entry.key, now);
    if (next !== entry.state) this.#entries.move(entry.key, next, now);
    this.#entries.leave(entry.key);
    return undefined;
  }

  /** What follows from the end of entries, within the same transaction. */
  #settle(entries: readonly (EndedEntry | undefined)[]): readonly EndedEntry[] {
    const ended = entries.filter((entry) => entry !== undefined);
    for (const provider of new Set(ended.map((entry) => entry.provider)))
      this.#entries.chooseDefault(provider);
    if (ended.length > 0)
      doom(
        this.#store,
        ended.map(({ key }) => key),
        0,
      );
    return ended;
  }

  #write<T>(now: number, rows: number, work: () => T): Promise<T> {
    return this.#store.write(() => {
      tidy(this.#store, this.#keys, now, rows);
      return work();
    });
  }

  async #erase(keys: readonly string[]): Promise<void> {
    try {
      await this.#keys.eraseAll(keys);
    } catch (error) {
      throw storeError(error, this.#store.file);
    }
  }

  #sealer(): Promise<Sealer> {
    this.#sealing ??= makeSealer(this.#sources, this.#keys).catch((error: unknown) => {
      this.#sealing = undefined;
      throw storeError(error, this.#store.file);
    });
    return this.#sealing;
  }
}
