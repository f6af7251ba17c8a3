import type { Effect } from './effect.ts';
import type { ErrorJson } from './errors.ts';
import type { Residual, SkipReason, Verification } from './outcome.ts';
import type { Credential, Opened, Renewal } from './provider.ts';
import type { Secret } from './secret.ts';
import type { Session, SessionRef } from './session.ts';

/**
 * `opening` → `open` → `closing` → `ended`. An `opening` entry whose opener is gone, and one whose connect failed with
 * `mayHaveTakenEffect`, is `unknown`: nobody can say whether the server has the session.
 */
export const ENTRY_STATES = ['opening', 'open', 'closing', 'ended', 'unknown'] as const;
export type EntryState = (typeof ENTRY_STATES)[number];

/** The process that opened a session, told apart from a later one with the same id and from one before a reboot. */
export interface Opener {
  readonly pid: number;
  /** When that process started, in the system's own words. */
  readonly startedAt: string;
  readonly bootId: string;
  /** In which space of process ids, where there are several: containers have their own. */
  readonly space?: string | undefined;
}

/** `user`: stays open until it is disconnected. `process`: belongs to a process, and is to end with it. */
export const SCOPES = ['user', 'process'] as const;
export type Scope = (typeof SCOPES)[number];

/** One own session, as it is written down. */
export interface LedgerEntry {
  /** Never used twice, unlike the number. */
  readonly key: string;
  readonly number: number;
  readonly state: EntryState;
  /** Its `state` follows the entry's: `live` when `open`, `closing`, `closed` when `ended`, else `unknown`. Until `opened`
   *  it has the endpoint as label and no effects, but `forget` once nobody can say whether the server has it. */
  readonly session: Session;
  readonly hasSecret: boolean;
  readonly opener: Opener;
  readonly scope: Scope;
  /** Whose it is, where the scope is `process`. */
  readonly owner?: Opener | undefined;
  /** Nobody looks after it any more: the process it belongs to is gone, its connect never came to its end, or its
   *  disconnect did not and nobody is at it. */
  readonly isOrphan: boolean;
  /** What was begun, while it is `closing`. */
  readonly effect?: Effect | undefined;
  /** RFC 3339. */
  readonly changedAt: string;
}

export interface OpenIntent {
  readonly provider: string;
  readonly endpoint: string;
  readonly principal?: string | undefined;
  readonly reason?: string | undefined;
  /** Who asked for it, where that is not the user of the operating system. */
  readonly user?: string | undefined;
  /** The id of the process that a session of scope `process` will belong to; this one when absent. */
  readonly owner?: number | undefined;
}

/** Something that is about to be done to a session. */
export interface OperationIntent {
  readonly kind: 'disconnect' | 'access' | 'act';
  readonly session: Session;
  /** The effect, or the action's name. */
  readonly effect?: Effect | undefined;
  readonly action?: string | undefined;
  readonly reason?: string | undefined;
  /** Who asked for it, where that is not the user of the operating system. */
  readonly user?: string | undefined;
}

/** What `begin` answers for one intent. */
export interface Begun {
  readonly operation: string;
  /** For an own session, its state before; `ended` says that there is nothing left to do. Absent for foreign ones. */
  readonly before?: EntryState | undefined;
}

export type OperationStatus = 'disconnected' | 'already-gone' | 'skipped' | 'failed' | 'done';

export interface OperationResult {
  readonly operation: string;
  readonly status: OperationStatus;
  readonly verification?: Verification | undefined;
  readonly skipped?: SkipReason | undefined;
  readonly residual?: readonly Residual[] | undefined;
  readonly error?: ErrorJson | undefined;
  /** What an own session's entry becomes; its secret is erased when that is `ended`. Absent leaves it as it was before. */
  readonly entry?: 'open' | 'closing' | 'ended' | undefined;
}

/** A finished or begun operation, kept 90 days. Not tamper-evident. */
export interface Receipt {
  readonly operation: string;
  readonly kind: 'connect' | 'disconnect' | 'access' | 'act';
  readonly session: Session;
  readonly effect?: Effect | undefined;
  readonly action?: string | undefined;
  readonly reason?: string | undefined;
  /** Who did it: as its intent says, else as the operating system names them. */
  readonly user: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  /** Absent while it runs, and for ever if the process died. */
  readonly status?: OperationStatus | undefined;
  readonly verification?: Verification | undefined;
  readonly skipped?: SkipReason | undefined;
  readonly residual?: readonly Residual[] | undefined;
  readonly error?: ErrorJson | undefined;
}

export interface EntryFilter {
  readonly provider?: string | undefined;
  /** Entries of this reference only. */
  readonly ref?: SessionRef | undefined;
  /** All but `ended` when absent. */
  readonly states?: readonly EntryState[] | undefined;
  /** Only those that nobody looks after any more. */
  readonly isOrphan?: true | undefined;
  /** Also those of scope `process` that belong to other processes, which are left out otherwise: a process has to do
   *  with its own, with those of the processes it was started by, and with those of processes that are gone. */
  readonly ofOthers?: boolean | undefined;
}

export interface ReceiptFilter {
  readonly provider?: string | undefined;
  readonly kind?: Receipt['kind'] | undefined;
  /** RFC 3339; receipts that started at or after it. */
  readonly since?: string | undefined;
  /** RFC 3339; receipts that started before it. */
  readonly until?: string | undefined;
  /** Who did it, as in the receipt. */
  readonly user?: string | undefined;
  /** Compared without regard to case. */
  readonly endpoint?: string | undefined;
  /** `running`: those without a status. */
  readonly status?: OperationStatus | 'running' | undefined;
  /** The newest so many; 1,000 when absent. */
  readonly limit?: number | undefined;
}

/**
 * Where own sessions and receipts are written down. Core alone writes it, and before the wire is touched: what a method
 * has returned from survives the death of the process and of the machine. Shared safely by concurrent processes.
 * Methods throw `DisconnectError`; none opens the keyring but `open` and those that name a `Secret` or a
 * `Credential`.
 */
export interface Ledger extends AsyncDisposable {
  readonly trust: TrustStore;
  readonly credentials: CredentialStore;

  /** Differs from what it was before an entry or a receipt changed, by whatever process; costs next to nothing. */
  revision(): Promise<string>;

  /** By provider and number. Where a process has sessions of its own, the first of them is its default. */
  entries(filter?: EntryFilter): Promise<readonly LedgerEntry[]>;

  /** Write-ahead of a connect: gives the smallest free number and notes who opens. The first entry of scope `user` is the
   *  default. */
  open(intent: OpenIntent): Promise<LedgerEntry>;
  /** The session exists: seals its secret and makes the entry `open`, of the scope that `opened` says. May be called again
   *  with fuller facts; while `isPartial`, the connect is still under way and the entry an orphan if its opener dies. The
   *  session's fingerprint is a keyed hash of its secret, with a key of this ledger; random where it has none. */
  opened(key: string, opened: Opened, isPartial?: boolean): Promise<LedgerEntry>;
  /** The connect failed: nothing was opened (`ended`), or nobody can say (`unknown`). */
  abandon(key: string, state: 'ended' | 'unknown', error: ErrorJson): Promise<void>;
  /** Makes this entry the provider's default. One of scope `process` stays what it is: nobody else's. */
  makeDefault(key: string): Promise<void>;

  /** The sealed secret; `not-found` when the entry has none or has ended, or when `fingerprint`, where the reference has
   *  one, is not its own: numbers are used again. */
  secret(ref: SessionRef & { readonly fingerprint?: string | undefined }): Promise<Secret>;

  /** Replaces the secret by what `change` makes of the newest one, sealed with the same key, and the facts with it; the
   *  fingerprint stays. `change` runs again where another process was faster; `quota` when that never ends. */
  renew(
    ref: SessionRef & { readonly fingerprint?: string | undefined },
    change: (current: Secret) => Promise<Renewal | undefined>,
  ): Promise<void>;

  /** Write-ahead of operations, all in one durable commit; a `disconnect` turns own entries `closing`. Answers in order. */
  begin(intents: readonly OperationIntent[]): Promise<readonly Begun[]>;
  /** Ends of operations, in one commit. Where an entry becomes `ended`, its key is destroyed, its number freed, and the
   *  lowest remaining number becomes the default if it was that. */
  finish(results: readonly OperationResult[]): Promise<void>;

  /** Newest first. */
  receipts(filter?: ReceiptFilter): Promise<readonly Receipt[]>;
}

/** Saved credentials: sealed, per provider, endpoint and user; endpoints compare without regard to case. */
export interface CredentialStore {
  save(provider: string, endpoint: string, credential: Credential): Promise<void>;
  /** The one saved last for this endpoint, or that of `userName`. */
  find(provider: string, endpoint: string, userName?: string): Promise<Credential | undefined>;
  /** Destroys what is saved for this endpoint, for one user or for all. */
  erase(provider: string, endpoint: string, userName?: string): Promise<void>;
}

/** How a server that no public CA vouches for is recognised. `host` is `name:port` in lower case. */
export interface TrustEntry {
  readonly host: string;
  /** SHA-256 of the certificate, as 64 lower-case hexadecimal digits; a `pin` must match exactly. */
  readonly pin?: string | undefined;
  /** PEM of the authority its chain must end in. */
  readonly authority?: string | undefined;
  /** RFC 3339. */
  readonly savedAt: string;
}

export interface TrustStore {
  find(host: string): Promise<TrustEntry | undefined>;
  list(): Promise<readonly TrustEntry[]>;
  save(entry: Omit<TrustEntry, 'savedAt'>): Promise<void>;
  /** Whether there was one. */
  remove(host: string): Promise<boolean>;
}
