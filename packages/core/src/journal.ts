import { DisconnectError } from './errors.ts';
import type { Begun, Ledger, OperationIntent, OperationResult } from './ledger.ts';

const CHUNK = 256;
/** Ends that are written at once, at the latest. */
const MOST_ENDS = 1024;
/** Milliseconds an end may wait for others. A process that dies meanwhile leaves its session `closing`. */
const LAG = 500;

/** Writes intents ahead, a chunk of a plan in one commit, and ends behind, many in one commit. */
export class Journal {
  readonly #ledger: () => Promise<Ledger>;
  readonly #intents: readonly OperationIntent[];
  readonly #chunks = new Map<number, Promise<readonly Begun[]>>();
  readonly #failures: DisconnectError[] = [];
  #waiting: OperationResult[] = [];
  #written: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(ledger: () => Promise<Ledger>, intents: readonly OperationIntent[]) {
    this.#ledger = ledger;
    this.#intents = intents;
  }

  hasBegun(place: number): boolean {
    return this.#chunks.has(place - (place % CHUNK));
  }

  /** The intent at `place` is on disk, together with its neighbours', when this resolves. */
  async begin(place: number): Promise<Begun> {
    const first = place - (place % CHUNK);
    const chunk =
      this.#chunks.get(first) ??
      this.#ledger().then((ledger) => ledger.begin(this.#intents.slice(first, first + CHUNK)));
    this.#chunks.set(first, chunk);
    const begun = (await chunk)[place - first];
    if (begun === undefined) throw new DisconnectError('internal', 'the ledger did not note this disconnect');
    return begun;
  }

  end(result: OperationResult): void {
    this.#waiting.push(result);
    if (this.#waiting.length >= MOST_ENDS) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), LAG);
  }

  /** Resolves when every end is on disk, with what went wrong in writing them. */
  async drain(): Promise<readonly DisconnectError[]> {
    this.#write();
    await this.#written;
    return this.#failures;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const results = this.#waiting;
    if (results.length === 0) return;
    this.#waiting = [];
    this.#written = this.#written
      .then(async () => (await this.#ledger()).finish(results))
      .catch((error: unknown) => void this.#failures.push(DisconnectError.from(error)));
  }
}
