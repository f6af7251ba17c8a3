import type { GivenCredential } from './calls.ts';
import { DisconnectError } from './errors.ts';
import type { JsonValue } from './json.ts';
import type { OperationIntent, OperationResult } from './ledger.ts';
import { parseParameters, type ParameterTable } from './parameters.ts';
import { changed } from './planner.ts';
import type { Access, CallContext } from './provider.ts';
import type { Reader } from './reader.ts';
import type { Services } from './services.ts';
import type { Session, SessionRef } from './session.ts';

export interface UseOptions extends GivenCredential {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 20,000 when absent, and as long as the values of an action say that it waits. */
  readonly timeout?: number | undefined;
  /** Why, for the receipts. */
  readonly reason?: string | undefined;
  /** Who asks, for the receipts, where that is not the user of the operating system. */
  readonly user?: string | undefined;
}

/** `fingerprint`, where given, must still hold. */
export type UsedRef = SessionRef & { readonly fingerprint?: string | undefined };

const LONGEST = 20_000;

/** What can be done with a session besides disconnecting it; each use leaves a receipt. */
export class SessionUses {
  readonly #services: Services;
  readonly #reader: Reader;

  constructor(services: Services, reader: Reader) {
    this.#services = services;
    this.#reader = reader;
  }

  async access(ref: UsedRef, options: UseOptions = {}): Promise<Access> {
    const { plugin, provider } = await this.#services.registry.get(ref.provider);
    const work = provider.access?.bind(provider);
    if (work === undefined) {
      throw new DisconnectError('unsupported', `${plugin.title} has nothing to hand to another program`);
    }
    return this.#noted({ kind: 'access' }, ref, options, work);
  }

  async act(
    name: string,
    ref: UsedRef,
    input: Readonly<Record<string, unknown>>,
    options: UseOptions = {},
  ): Promise<JsonValue> {
    const { plugin, provider } = await this.#services.registry.get(ref.provider);
    const actions = plugin.actions ?? {};
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    const work = provider.act?.bind(provider);
    if (action === undefined || work === undefined) {
      throw new DisconnectError('unsupported', `${plugin.title} has no action "${name.slice(0, 80)}"`, {
        next: `it has: ${Object.keys(actions).join(', ') || 'none'}`,
      });
    }
    const values = parseParameters(action.parameters, input) as Readonly<Record<string, unknown>>;
    const { timeout = LONGEST + waitOf(action.parameters, values) } = options;
    return this.#noted({ kind: 'act', action: name }, ref, { ...options, timeout }, (session, context) =>
      work(name, session, values, context),
    );
  }

  async #noted<T>(
    what: Pick<OperationIntent, 'kind' | 'action'>,
    ref: UsedRef,
    options: UseOptions,
    work: (session: Session, context: CallContext) => Promise<T>,
  ): Promise<T> {
    const { calls, deadlines, log } = this.#services;
    const { signal, timeout = LONGEST, reason, user } = options;
    const session = await this.#reader.begin(signal, options)(ref);
    if (session === undefined) {
      const next = `slipline ls ${ref.provider} shows what there is`;
      throw new DisconnectError('not-found', `there is no session ${ref.id}`, { system: ref.endpoint, next });
    }
    if (ref.fingerprint !== undefined && ref.fingerprint !== session.fingerprint) throw changed(session);
    const ledger = await this.#services.ledger();
    const [begun] = await ledger.begin([{ ...what, session, reason, user }]);
    const operation = begun?.operation ?? '';
    // What was done stands, and so does what went wrong, whether or not the end of it can be written down.
    const finish = (end: Pick<OperationResult, 'status' | 'error'>): Promise<void> =>
      ledger
        .finish([{ operation, ...end }])
        .catch((error: unknown) =>
          log.warn(`the end of this ${what.kind} cannot be written down`, { error: String(error) }),
        );
    try {
      const value = await deadlines.within(timeout, signal, (bound) =>
        work(session, calls.context(ref.provider, bound, options)),
      );
      await finish({ status: 'done' });
      return value;
    } catch (error) {
      const known = DisconnectError.from(error).at(session.endpoint);
      await finish({ status: 'failed', error: known.toJSON() });
      throw known;
    }
  }
}

/** Milliseconds that an action takes on purpose. */
function waitOf(table: ParameterTable, values: Readonly<Record<string, unknown>>): number {
  return Object.entries(table).reduce((sum, [name, { waits }]) => {
    const seconds = values[name];
    return waits === true && typeof seconds === 'number' ? sum + seconds * 1000 : sum;
  }, 0);
}
