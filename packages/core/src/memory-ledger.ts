import { userInfo } from 'node:os';
import type { ErrorJson } from './errors.ts';
import type { Clock } from './host.ts';
import type {
  Begun,
  CredentialStore,
  EntryFilter,
  EntryState,
  Ledger,
  LedgerEntry,
  OpenIntent,
  OperationIntent,
  OperationResult,
  Receipt,
  ReceiptFilter,
  TrustStore,
} from './ledger.ts';
import * as records from './ledger-records.ts';
import * as rules from './ledger-rules.ts';
import { MemoryEntries, type MemoryEntry } from './memory-entries.ts';
import { MemoryCredentials, MemoryTrust } from './memory-stores.ts';
import type { Opened, Renewal } from './provider.ts';
import type { Secret } from './secret.ts';
import type { SessionRef } from './session.ts';

interface Operation {
  readonly receipt: Receipt;
  /** Of an own session: its entry, and its state before. */
  readonly key?: string | undefined;
  readonly before?: EntryState | undefined;
}

/**
 * A ledger that lives as long as this object: for tests, and for apps whose sessions are to be forgotten with the
 * process. It does what the embedded ledger does, but nothing is sealed and nothing survives.
 */
export class MemoryLedger implements Ledger {
  readonly trust: TrustStore;
  readonly credentials: CredentialStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #entries = new MemoryEntries();
  readonly #operations = new Map<string, Operation>();
  #hash: Promise<(secret: Secret) => string> | undefined;
  #lastOperation = 0;
  #revision = 0;
  #isClosed = false;

  constructor(options: { readonly clock?: Pick<Clock, 'now'> | undefined } = {}) {
    this.#clock = options.clock ?? { now: () => Date.now() };
    this.trust = new MemoryTrust(() => this.#now());
    this.credentials = new MemoryCredentials(() => this.#now());
  }

  async revision(): Promise<string> {
    this.#now();
    return String(this.#revision);
  }

  async entries(filter: EntryFilter = {}): Promise<readonly LedgerEntry[]> {
    this.#now();
    return this.#entries.list(filter);
  }

  async open(intent: OpenIntent): Promise<LedgerEntry> {
    const now = this.#startWrite();
    const key = crypto.randomUUID();
    const number = this.#entries.freeNumber(intent.provider);
    const session = rules.openingSession(intent, number, crypto.randomUUID());
    const reason = records.optional(intent.reason);
    const user = records.optional(intent.user);
    const { operation } = this.#note({ kind: 'connect', session, reason, user }, now, { key });
    const entry = {
      key,
      number,
      connect: operation,
      state: 'opening',
      session,
      scope: 'user',
      changedAt: now,
    } as const;
    return this.#entries.shown(this.#entries.put(entry));
  }

  async opened(key: string, opened: Opened): Promise<LedgerEntry> {
    try {
      return await this.#opened(key, opened);
    } catch (error) {
      throw rules.mayExist(error);
    }
  }

  async abandon(key: string, state: 'ended' | 'unknown', error: ErrorJson): Promise<void> {
    const now = this.#startWrite();
    const entry = this.#entries.get(key);
    if (entry.state !== 'ended') this.#move(entry, state, now);
    this.#entries.chooseDefaults();
    this.#endConnect(entry, { status: 'failed', error: records.notedError(error), endedAt: isoTime(now) });
  }

  async makeDefault(key: string): Promise<void> {
    this.#startWrite();
    this.#entries.makeDefault(key);
  }

  async secret(ref: SessionRef & { readonly fingerprint?: string | undefined }): Promise<Secret> {
    this.#now();
    return this.#keeper(ref).secret;
  }

  async renew(
    ref: SessionRef & { readonly fingerprint?: string | undefined },
    change: (current: Secret) => Promise<Renewal | undefined>,
  ): Promise<void> {
    for (let tries = 0; tries < rules.RENEWALS; tries += 1) {
      const { key, secret } = this.#keeper(ref);
      const renewal = await change(secret);
      if (renewal === undefined) return;
      records.checkSecret(renewal.secret);
      const now = this.#startWrite();
      const entry = this.#entries.get(key);
      if (entry.secret !== secret) continue;
      const session = rules.renewedSession(entry.session, renewal);
      this.#entries.put({ ...entry, session, secret: renewal.secret, changedAt: now });
      return;
    }
    throw rules.neverRenewed();
  }

  async begin(intents: readonly OperationIntent[]): Promise<readonly Begun[]> {
    const now = this.#startWrite();
    return intents.map((intent) => {
      const { fingerprint } = intent.session;
      const owned = this.#entries
        .owned(intent.session)
        .filter(({ session }) => session.fingerprint === fingerprint);
      const entry = owned.find(({ state }) => state !== 'ended') ?? owned.at(-1);
      const noted = this.#note(records.notedIntent(intent), now, { key: entry?.key, before: entry?.state });
      if (entry === undefined) return { operation: noted.operation };
      if (intent.kind === 'disconnect' && entry.state !== 'ended')
        this.#move({ ...entry, closing: { effect: intent.effect, isBegun: true } }, 'closing', now);
      return { operation: noted.operation, before: entry.state };
    });
  }

  async finish(results: readonly OperationResult[]): Promise<void> {
    const now = this.#startWrite();
    if (!results.every(({ operation }) => this.#operations.has(operation))) throw rules.noOperation();
    for (const result of results) this.#finishOne(result, now);
    this.#entries.chooseDefaults();
  }

  async receipts(filter: ReceiptFilter = {}): Promise<readonly Receipt[]> {
    this.#now();
    const { since, until, limit } = records.receiptWindow(filter);
    return [...this.#operations.values()]
      .map(({ receipt }) => receipt)
      .filter(({ startedAt }) => Date.parse(startedAt) >= since && Date.parse(startedAt) < until)
      .filter((receipt) => records.isWanted(receipt, filter))
      .reverse()
      .slice(0, limit)
      .map((receipt) => records.plain<Receipt>(receipt));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
  }

  /** The entry that keeps a secret for this reference; only the one with this fingerprint, where there is one. */
  #keeper(ref: SessionRef & { readonly fingerprint?: string | undefined }): {
    readonly key: string;
    readonly secret: Secret;
  } {
    const { fingerprint } = ref;
    const owned = this.#entries
      .owned(ref)
      .filter(({ session }) => fingerprint === undefined || session.fingerprint === fingerprint);
    const { key, secret } = owned.findLast((entry) => entry.secret !== undefined) ?? {};
    if (key === undefined || secret === undefined) throw rules.noSecret();
    return { key, secret };
  }

  async #opened(key: string, opened: Opened): Promise<LedgerEntry> {
    const fingerprint = opened.secret === undefined ? undefined : await this.#fingerprint(opened.secret);
    const now = this.#startWrite();
    const entry = this.#entries.get(key);
    const state = rules.stateAfterOpened(entry.state);
    const scope = opened.scope ?? 'user';
    const session = rules.openedSession(entry, opened, fingerprint, now);
    const secret = opened.secret ?? entry.secret;
    this.#endConnect(entry, { session, status: 'done', endedAt: isoTime(now) });
    return this.#entries.shown(
      this.#entries.put({ ...entry, session, state, scope, secret, changedAt: now }),
    );
  }

  #finishOne(result: OperationResult, now: number): void {
    const { receipt, key, before } = this.#operations.get(result.operation) ?? {};
    // The first end stands.
    if (receipt === undefined || receipt.status !== undefined) return;
    const ended = { ...receipt, ...records.notedResult(result), endedAt: isoTime(now) };
    this.#operations.set(result.operation, { receipt: ended, key, before });
    if (key === undefined || before === undefined) return;
    // It may have ended by another operation, days ago.
    const entry = this.#entries.find(key);
    if (entry === undefined) return;
    const next = rules.stateAfterFinish(entry.state, before, result.entry, entry.session);
    const closing = next === 'closing' ? { ...entry.closing, isBegun: false } : undefined;
    if (next !== entry.state) this.#move({ ...entry, closing }, next, now);
    else if (closing !== undefined) this.#entries.put({ ...entry, closing });
  }

  #move(entry: MemoryEntry, state: EntryState, changedAt: number): void {
    const secret = state === 'ended' ? undefined : entry.secret;
    this.#entries.put({ ...entry, state, secret, changedAt });
  }

  #note(
    {
      user = userName(),
      ...intent
    }: Pick<Receipt, 'kind' | 'session' | 'effect' | 'action' | 'reason'> & Pick<OpenIntent, 'user'>,
    now: number,
    own: Pick<Operation, 'key' | 'before'>,
  ): Receipt {
    this.#lastOperation += 1;
    const operation = String(this.#lastOperation);
    const receipt = { ...intent, operation, user, startedAt: isoTime(now) };
    this.#operations.set(operation, { receipt, ...own });
    return receipt;
  }

  #endConnect({ connect }: MemoryEntry, end: Partial<Receipt>): void {
    const noted = this.#operations.get(connect);
    if (noted !== undefined)
      this.#operations.set(connect, { ...noted, receipt: { ...noted.receipt, ...end } });
  }

  #now(): number {
    if (this.#isClosed) throw rules.closed();
    return this.#clock.now();
  }

  /** The time of a write, before which what is past its days goes. */
  #startWrite(): number {
    const now = this.#now();
    this.#revision += 1;
    for (const [operation, { receipt }] of this.#operations) {
      if (Date.parse(receipt.startedAt) >= now - rules.RECEIPTS_KEPT) break;
      this.#operations.delete(operation);
    }
    this.#entries.purge(now - rules.ENDED_KEPT);
    return now;
  }

  async #fingerprint(secret: Secret): Promise<string> {
    records.checkSecret(secret);
    this.#hash ??= import('node:crypto').then(({ createHmac, randomBytes }) => {
      const key = randomBytes(32);
      return (value) => createHmac('sha256', key).update(value.reveal()).digest('hex');
    });
    return (await this.#hash)(secret);
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
