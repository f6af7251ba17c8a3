import { DisconnectError, type Clock, type Logger, type Slipline } from '@slipline/core';
import { LEDGER, type Roster } from './roster.ts';

export interface LedgerReaderOptions {
  readonly slipline: Slipline;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Milliseconds between two questions whether the ledger has changed. */
const EVERY = 1000;
/** Of a ledger that changes all the time, so many times as long as reading takes is waited; but no longer than people like. */
const REST = 19;
const PATIENCE = 1800;
/** Whatever people like, most of the time is for others. */
const LEAST_REST = 3;

/** Keeps the table what the ledger says, also where another process writes it. */
export class LedgerReader {
  readonly #options: LedgerReaderOptions;
  #revision: string | undefined;
  #reading: Promise<void> | undefined;
  #isWantedAgain = false;
  #callOff: (() => void) | undefined;
  #isStopped = false;

  constructor(options: LedgerReaderOptions) {
    this.#options = options;
  }

  /** Reads, and from then on again whenever something has changed. Rejects where the ledger cannot be read now. */
  async start(): Promise<void> {
    const took = await this.#read();
    this.#schedule(took);
  }

  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
  }

  /** Reads what has changed until now. Never rejects: what goes wrong is a problem in the table. */
  refresh(): Promise<void> {
    if (this.#reading !== undefined) this.#isWantedAgain = true;
    this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    do {
      this.#isWantedAgain = false;
      this.#callOff?.();
      this.#schedule(await this.#readOrNote());
    } while (this.#isWantedAgain);
  }

  #schedule(took: number): void {
    this.#callOff?.();
    if (this.#isStopped) return;
    const wait = Math.max(EVERY, Math.min(REST * took, PATIENCE), LEAST_REST * took);
    this.#callOff = this.#options.clock.after(wait, () => void this.refresh());
  }

  async #readOrNote(): Promise<number> {
    try {
      return await this.#read();
    } catch (error) {
      const known = DisconnectError.from(error);
      this.#revision = undefined;
      this.#options.roster.note(LEDGER, [{ provider: LEDGER, error: known.toJSON() }]);
      this.#options.log.warn('the ledger cannot be read', { error: known.message, code: known.code });
      return EVERY;
    }
  }

  /** Answers how many milliseconds it took. */
  async #read(): Promise<number> {
    const { slipline, roster } = this.#options;
    const revision = await (await slipline.ledger()).revision();
    if (revision === this.#revision) return 0;
    const begun = performance.now();
    const { sessions } = await slipline.sessions();
    roster.put(LEDGER, sessions);
    this.#revision = revision;
    return performance.now() - begun;
  }
}
