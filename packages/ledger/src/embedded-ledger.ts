import {
  DisconnectError,
  ledgerRecords,
  ledgerRules,
  Secret,
  type Begun,
  type Clock,
  type CredentialStore,
  type EntryFilter,
  type EntryState,
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
  type Session,
  type SessionRef,
  type TrustStore,
} from '@slipline/core';
import { EntryTable, type KeptEntry } from './entry-table.ts';
import { doom, tidy } from './housekeeping.ts';
import type { KeyFolder } from './key-folder.ts';
import { makeSealer } from './make-sealer.ts';
import { OperationTable } from './operation-table.ts';
import { Records } from './records.ts';
import { SealedCredentials } from './sealed-credentials.ts';
import type { SealedFor, Sealer } from './sealing.ts';
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
  readonly #entries: EntryTable;
  readonly #operations: OperationTable;
  #sealing: Promise<Sealer> | undefined;

  constructor({ store, keys, clock, sources }: LedgerParts) {
    const records = new Records(store.file);
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
    this.#sources = sources;
    this.#entries = new EntryTable(store, records);
    this.#operations = new OperationTable(store, records);
    this.trust = new TrustTable(store, records, clock);
    this.credentials = new SealedCredentials({ store, keys, clock, sealer: () => this.#sealer() });
  }

  async entries(filter: EntryFilter = {}): Promise<readonly LedgerEntry[]> {
    return this.#store.read(() => this.#entries.list(filter));
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
      const connect = this.#operations.insert({ kind: 'connect', session, reason }, now, { entry: key });
      this.#entries.insert(key, number, session, connect, now);
      return this.#entries.shown(key);
    });
  }

  async opened(key: string, opened: Opened): Promise<LedgerEntry> {
    try {
      const before = await this.#store.read(() => this.#entries.get(key));
      ledgerRules.stateAfterOpened(before.state);
      const now = this.#clock.now();
      const { session, sealed } = await this.#seal(before, opened, now);
      return await this.#write(now, 1, () => {
        const { state, connect } = this.#entries.get(key);
        this.#entries.update(key, ledgerRules.stateAfterOpened(state), session, sealed, now);
        this.#operations.connected(connect, session, now);
        return this.#entries.shown(key);
      });
    } catch (error) {
      // Its entry has ended, and with it the step that would have unlinked the key just written.
      if (DisconnectError.is(error) && error.code === 'changed') this.#erase([key]);
      throw ledgerRules.mayExist(error);
    }
  }

  async abandon(key: string, state: 'ended' | 'unknown', error: ErrorJson): Promise<void> {
    const now = this.#clock.now();
    await this.#write(now, 1, () => {
      const entry = this.#entries.get(key);
      if (entry.state !== 'ended') this.#move(entry, state, now);
      if (state === 'ended') this.#entries.chooseDefault(entry.session.provider);
      this.#operations.failed(entry.connect, error, now);
    });
    if (state === 'ended') this.#erase([key]);
  }

  async makeDefault(key: string): Promise<void> {
    await this.#write(this.#clock.now(), 1, () => {
      const entry = this.#entries.get(key);
      if (entry.state === 'ended') throw ledgerRules.noEntry();
      this.#entries.makeDefault(entry);
    });
  }

  async secret(ref: SessionRef & { readonly fingerprint?: string }): Promise<Secret> {
    return (await this.#keeper(ref)).secret;
  }

  async renew(
    ref: SessionRef & { readonly fingerprint?: string },
    change: (current: Secret) => Promise<Renewal | undefined>,
  ): Promise<void> {
    for (let tries = 0; tries < ledgerRules.RENEWALS; tries += 1) {
      const { key, session, sealed, secret } = await this.#keeper(ref);
      const renewal = await change(secret);
      if (renewal === undefined) return;
      ledgerRecords.checkSecret(renewal.secret);
      const next = await this.#sealAgain(ref, renewal.secret, placeOf(key, session));
      const renewed = ledgerRules.renewedSession(session, renewal);
      const now = this.#clock.now();
      if (await this.#write(now, 1, () => this.#entries.renew(key, sealed, renewed, next, now))) return;
    }
    throw ledgerRules.neverRenewed();
  }

  async begin(intents: readonly OperationIntent[]): Promise<readonly Begun[]> {
    if (intents.length === 0) return [];
    const now = this.#clock.now();
    return this.#write(now, intents.length, () => intents.map((intent) => this.#begin(intent, now)));
  }

  async finish(results: readonly OperationResult[]): Promise<void> {
    if (results.length === 0) return;
    const now = this.#clock.now();
    const ended = await this.#write(now, results.length, () => {
      const gone = results.flatMap((result) => this.#finish(result, now) ?? []);
      for (const provider of new Set(gone.map(({ session }) => session.provider)))
        this.#entries.chooseDefault(provider);
      return gone;
    });
    this.#erase(ended.map(({ key }) => key));
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
    const { key, state } = entry;
    const operation = String(this.#operations.insert(noted, now, { entry: key, before: state }));
    if (intent.kind === 'disconnect' && state !== 'ended') this.#move(entry, 'closing', now);
    return { operation, before: state };
  }

  /** The entry, where this has ended it. */
  #finish(result: OperationResult, now: number): KeptEntry | undefined {
    const own = this.#operations.finish(result, now);
    const entry = own === undefined ? undefined : this.#entries.find(own.entry);
    if (own === undefined || entry === undefined) return undefined;
    const next = ledgerRules.stateAfterFinish(entry.state, own.before, result.entry, entry.session);
    if (next === entry.state) return undefined;
    this.#move(entry, next, now);
    return next === 'ended' ? entry : undefined;
  }

  #move({ key }: KeptEntry, state: EntryState, now: number): void {
    this.#entries.move(key, state, now);
    if (state === 'ended') doom(this.#store, key, 0);
  }

  /** The entry that keeps a secret for this reference, and the secret. */
  async #keeper(
    ref: SessionRef & { readonly fingerprint?: string },
  ): Promise<KeptEntry & { readonly sealed: Uint8Array; readonly secret: Secret }> {
    const find = (): Promise<KeptEntry | undefined> =>
      this.#store.read(() => this.#entries.sealed(ref, ref.fingerprint));
    const entry = await find();
    if (entry?.sealed === undefined) throw ledgerRules.noSecret();
    const sealer = await this.#sealer();
    try {
      const secret = new Secret(sealer.unseal(entry.sealed, placeOf(entry.key, entry.session)));
      return { ...entry, sealed: entry.sealed, secret };
    } catch (error) {
      // Another process may have ended it between the row and its key.
      throw (await find())?.key === entry.key ? storeError(error, this.#store.file) : ledgerRules.noSecret();
    }
  }

  async #sealAgain(ref: SessionRef, secret: Secret, place: SealedFor): Promise<Uint8Array> {
    const sealer = await this.#sealer();
    try {
      return sealer.sealAgain(secret.reveal(), place);
    } catch (error) {
      // Says that there is no secret where another process has ended the session meanwhile.
      await this.#keeper(ref);
      throw error;
    }
  }

  /** What the entry becomes, with its key on disk before the row that needs it. */
  async #seal(
    before: KeptEntry,
    opened: Opened,
    now: number,
  ): Promise<{ readonly session: Session; readonly sealed?: Uint8Array }> {
    if (opened.secret !== undefined) ledgerRecords.checkSecret(opened.secret);
    if (opened.secret === undefined && before.sealed === undefined)
      return { session: ledgerRules.openedSession(before, opened, undefined, now) };
    const sealer = await this.#sealer();
    const fingerprint = opened.secret === undefined ? undefined : sealer.fingerprint(opened.secret.reveal());
    const session = ledgerRules.openedSession(before, opened, fingerprint, now);
    const place = placeOf(before.key, session);
    if (before.sealed === undefined)
      return { session, sealed: sealer.seal(opened.secret?.reveal() ?? '', place) };
    const text = opened.secret?.reveal() ?? sealer.unseal(before.sealed, placeOf(before.key, before.session));
    return { session, sealed: sealer.sealAgain(text, place) };
  }

  #write<T>(now: number, rows: number, work: () => T): Promise<T> {
    return this.#store.write(() => {
      tidy(this.#store, this.#keys, now, rows);
      return work();
    });
  }

  #erase(keys: readonly string[]): void {
    try {
      this.#keys.erase(keys);
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

function placeOf(key: string, { provider, endpoint }: SessionRef): SealedFor {
  return { key, about: ['session', provider, endpoint] };
}
