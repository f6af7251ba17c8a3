import {
  ledgerRecords,
  ledgerRules,
  Secret,
  type Clock,
  type Opened,
  type Renewal,
  type Session,
  type SessionRef,
} from '@slipline/core';
import type { EntryTable, KeptEntry } from './entry-table.ts';
import type { SealedFor, Sealer } from './sealing.ts';
import { storeError } from './store-errors.ts';
import type { Store } from './store.ts';

/** A reference that may say which of the sessions with this id is meant. */
export type OwnRef = SessionRef & { readonly fingerprint?: string | undefined };

export interface SecretParts {
  readonly store: Store;
  readonly entries: EntryTable;
  readonly clock: Pick<Clock, 'now'>;
  readonly sealer: () => Promise<Sealer>;
}

/** An entry's secret as it lies in its row. */
interface Begun {
  readonly key: string;
  readonly sealed: Uint8Array;
}

type Keeper = KeptEntry & { readonly sealed: Uint8Array; readonly secret: Secret };

/** The secrets of own sessions: sealed in their rows, each with a key file of its own. */
export class SealedSecrets {
  readonly #store: Store;
  readonly #entries: EntryTable;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #sealer: () => Promise<Sealer>;
  /** By fingerprint. */
  readonly #expected = new Map<string, Begun>();

  constructor({ store, entries, clock, sealer }: SecretParts) {
    this.#store = store;
    this.#entries = entries;
    this.#clock = clock;
    this.#sealer = sealer;
  }

  /** This secret is about to be asked for, and is at hand. */
  expect(fingerprint: string, begun: Begun): void {
    this.#expected.set(fingerprint, begun);
  }

  forget(fingerprint: string): void {
    this.#expected.delete(fingerprint);
  }

  /** Throws `not-found` where none is kept. */
  async secret(ref: OwnRef): Promise<Secret> {
    return (await this.#expectedSecret(ref)) ?? (await this.#keeper(ref)).secret;
  }

  /** See `Ledger.renew`; `write` runs a transaction. */
  async renew(
    ref: OwnRef,
    change: (current: Secret) => Promise<Renewal | undefined>,
    write: (work: () => boolean) => Promise<boolean>,
  ): Promise<void> {
    for (let tries = 0; tries < ledgerRules.RENEWALS; tries += 1) {
      const { key, session, sealed, secret } = await this.#keeper(ref);
      const renewal = await change(secret);
      if (renewal === undefined) return;
      ledgerRecords.checkSecret(renewal.secret);
      const next = await this.#sealAgain(ref, renewal.secret, placeOf(key, session));
      const renewed = ledgerRules.renewedSession(session, renewal);
      this.forget(session.fingerprint);
      if (await write(() => this.#entries.renew(key, sealed, renewed, next, this.#clock.now()))) return;
    }
    throw ledgerRules.neverRenewed();
  }

  /** What an entry becomes once it is opened, with its key on disk before the row that needs it. */
  async seal(
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

  /** Without looking it up again; its key file has the last word. */
  async #expectedSecret(ref: OwnRef): Promise<Secret | undefined> {
    const begun = ref.fingerprint === undefined ? undefined : this.#expected.get(ref.fingerprint);
    if (begun === undefined) return undefined;
    const sealer = await this.#sealer();
    try {
      return new Secret(sealer.unseal(begun.sealed, placeOf(begun.key, ref)));
    } catch {
      // Ended by another process, or named otherwise: the ledger itself knows.
      return undefined;
    }
  }

  /** The entry that keeps a secret for this reference, and the secret. */
  async #keeper(ref: OwnRef): Promise<Keeper> {
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

  async #sealAgain(ref: OwnRef, secret: Secret, place: SealedFor): Promise<Uint8Array> {
    const sealer = await this.#sealer();
    try {
      return sealer.sealAgain(secret.reveal(), place);
    } catch (error) {
      // Says that there is no secret where another process has ended the session meanwhile.
      await this.#keeper(ref);
      throw error;
    }
  }
}

function placeOf(key: string, { provider, endpoint }: SessionRef): SealedFor {
  return { key, about: ['session', provider, endpoint] };
}
