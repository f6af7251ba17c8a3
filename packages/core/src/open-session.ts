import type { ApplyOptions, SettledOptions } from './disconnector.ts';
import type { Report } from './outcome.ts';
import { forgotten } from './settling.ts';
import { sessionKey, type Session } from './session.ts';

/** A session that ends with its scope: `await using session = await slipline.connect(…)`. */
export interface OpenSession extends AsyncDisposable {
  readonly session: Session;
  /** Ends it, once; later calls answer the same. Rejects if it cannot be ended, and then it stays in the ledger. One that
   *  was adopted for this process is forgotten, and lives on. */
  disconnect(options?: ApplyOptions): Promise<Report>;
}

/** How one session is ended. */
export type End = (session: Session, options: SettledOptions) => Promise<Report>;

/** The sessions that belong to this process and are open still, and the handles to them. */
export class OpenSessions {
  readonly #end: End;
  readonly #warn: (text: string) => void;
  readonly #own = new Map<string, OpenSession>();
  #dropped: FinalizationRegistry<string> | undefined;

  /** `warn` is told, in development, of sessions that were dropped without being ended. */
  constructor(end: End, warn: (text: string) => void) {
    this.#end = end;
    this.#warn = warn;
  }

  /** What a caller holds. One of its own process is ended with this object, too. */
  add(session: Session, isOwn: boolean): OpenSession {
    const held = this.#hold(session, isOwn);
    if (!isOwn) return held;
    this.#own.set(sessionKey(session), held);
    // Not what is held here: that is never dropped.
    const handle: OpenSession = { ...held };
    this.#watch(handle, held);
    return handle;
  }

  /** Ends those that are left, all attempted: the errors of those that cannot be ended. */
  async endAll(): Promise<readonly unknown[]> {
    const ends = await Promise.allSettled([...this.#own.values()].map((held) => held.disconnect()));
    return ends.flatMap((end): readonly unknown[] => (end.status === 'rejected' ? [end.reason] : []));
  }

  #hold(session: Session, isOwn: boolean): OpenSession {
    let ended: Promise<Report> | undefined;
    const settle: SettledOptions['settle'] = (current) =>
      isOwn && current.ownership === 'adopted' ? forgotten(current) : undefined;
    const disconnect = (options?: ApplyOptions): Promise<Report> => {
      ended ??= this.#end(session, { ...options, settle }).then((report) => {
        const [outcome] = report.outcomes;
        if (outcome?.status === 'failed') throw outcome.error;
        return report;
      });
      this.#leave(session);
      ended.catch(() => (ended = undefined));
      return ended;
    };
    return { session, disconnect, [Symbol.asyncDispose]: async () => void (await disconnect()) };
  }

  /** Somebody has taken care of it: what cannot be ended is a clean-up's. */
  #leave(session: Session): void {
    const key = sessionKey(session);
    const held = this.#own.get(key);
    if (held !== undefined) this.#dropped?.unregister(held);
    this.#own.delete(key);
  }

  /** Says so, in development, where a handle is dropped and its session not ended. */
  #watch(handle: OpenSession, held: OpenSession): void {
    if (process.env['NODE_ENV'] === 'production') return;
    const warn = this.#warn;
    this.#dropped ??= new FinalizationRegistry((label) =>
      warn(`${label} was opened for this process, and dropped: write "await using", or call disconnect()`),
    );
    this.#dropped.register(handle, handle.session.label, held);
  }
}
