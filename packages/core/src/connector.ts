import { givenCredential, type GivenCredential } from './calls.ts';
import type { Disconnector } from './disconnector.ts';
import { DisconnectError } from './errors.ts';
import type { Ledger, LedgerEntry, Scope } from './ledger.ts';
import { noSecret, openedSession } from './ledger-rules.ts';
import type { Expectation } from './network/trust.ts';
import { parseParameters, type ParameterTable } from './parameters.ts';
import type { ConnectContext, Opened, Provider } from './provider.ts';
import { planFor } from './plan.ts';
import type { Loaded } from './registry.ts';
import type { Services } from './services.ts';
import type { Session } from './session.ts';

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole connect, without the time that people take to answer; 60,000 when absent. */
  readonly timeout?: number | undefined;
  /** Keep the credential, sealed, for this endpoint only; a disconnect erases it. */
  readonly saveCredential?: boolean | undefined;
  /** Stand for the provider when nothing is named. */
  readonly makeDefault?: boolean | undefined;
  /** How to recognise this server; kept when the connect succeeds. */
  readonly trust?: Expectation | undefined;
  readonly reason?: string | undefined;
  /** Who asks, for the receipts, where that is not the user of the operating system. */
  readonly user?: string | undefined;
  /** `process`: the session is to end with this process, and a later clean-up ends it where this one dies first. Without
   *  it the provider decides; mostly the session then stays open until it is disconnected. */
  readonly scope?: 'process' | undefined;
  /** The id of the process that a session of scope `process` belongs to, where it is not this one. */
  readonly owner?: number | undefined;
}

/** What a connect has come to. */
export interface Connected {
  readonly session: Session;
  readonly scope: Scope;
}

/** Opens sessions: intent first, then the wire, then what the server issued, sealed before anything else is sent. */
export class Connector {
  readonly #services: Services;
  readonly #disconnector: Disconnector;

  constructor(services: Services, disconnector: Disconnector) {
    this.#services = services;
    this.#disconnector = disconnector;
  }

  /** Throws `DisconnectError`; a session that the server issued before a failure has then been ended again, or stays listed. */
  async connect(
    providerId: string,
    input: Readonly<Record<string, unknown>>,
    options: ConnectOptions = {},
  ): Promise<Connected> {
    const { plugin, provider } = await this.#services.registry.get(providerId);
    if (plugin.connect === undefined || provider.connect === undefined) {
      const next = `slipline ls ${plugin.id} lists what can be disconnected`;
      throw new DisconnectError('unsupported', `${plugin.title} has nothing to connect to`, { next });
    }
    const values = parseParameters(plugin.connect, input) as Readonly<Record<string, unknown>>;
    const endpoint = endpointOf(plugin.connect, values) ?? plugin.id;
    const network = await this.#services.network();
    if (options.trust !== undefined) network.expect(hostOf(endpoint), options.trust);
    const given = givenCredential(plugin.connect, values);
    const ledger = await this.#services.ledger();
    const { userName: principal } = given;
    const { reason, user, owner, scope } = options;
    const entry = await ledger.open({ provider: plugin.id, endpoint, principal, reason, user, owner });
    const attempt = new Attempt(ledger, entry, scope);
    const call: Call = { plugin, provider, values, endpoint, given };
    try {
      await this.#call(call, attempt, options);
      if (options.makeDefault === true) await ledger.makeDefault(entry.key);
      if (options.trust !== undefined) await network.dialer.keepExpectation(hostOf(endpoint));
      const isDefault = options.makeDefault === true && attempt.scope === 'user';
      return { session: { ...attempt.session, ...(isDefault && { isDefault }) }, scope: attempt.scope };
    } catch (error) {
      const known = DisconnectError.from(error).at(endpoint);
      if (known.code === 'unauthenticated') this.#services.calls.forgetAnswers(plugin.id);
      await this.#undo(call, attempt, known).catch((failure: unknown) =>
        this.#services.log.warn(`what became of the connect to ${endpoint} cannot be written down`, {
          error: DisconnectError.from(failure).message,
        }),
      );
      throw known;
    }
  }

  /** What the provider returns is kept before anything else is done, also when nobody waits for it any more. */
  #call(call: Call, attempt: Attempt, options: ConnectOptions): Promise<void> {
    const { plugin, provider, values, given } = call;
    return this.#services.deadlines.within(options.timeout ?? 60_000, options.signal, async (signal) => {
      const context: ConnectContext = {
        ...this.#services.calls.context(plugin.id, signal, given),
        number: attempt.entry.number,
        keep: (opened) => attempt.keep(opened, true),
        show: (notice) => this.#services.calls.show(notice, signal),
        whilePersonActs: (work) => this.#services.deadlines.asking(work),
      };
      await attempt.keep(
        await (provider.connect as NonNullable<Provider['connect']>)(values, context),
        false,
      );
      // Under the name by which a disconnect will erase it.
      if (options.saveCredential === true)
        await this.#saveCredential(plugin.id, attempt.session.endpoint, context);
    });
  }

  async #saveCredential(provider: string, endpoint: string, context: ConnectContext): Promise<void> {
    const credential = await context.credential(endpoint);
    if (credential !== undefined)
      await (await this.#services.ledger()).credentials.save(provider, endpoint, credential);
  }

  /** What was kept is ended; what was not is noted as never opened, or as unknown. */
  async #undo(call: Call, attempt: Attempt, error: DisconnectError): Promise<void> {
    const { session, unwritten } = attempt;
    if (!attempt.isKept || session.ownership === 'adopted') {
      const mayLive =
        unwritten === undefined
          ? !attempt.isKept && error.mayHaveTakenEffect
          : unwritten.ownership === 'opened' && !(await this.#isEnded(call, attempt.entry, unwritten));
      const state = mayLive ? 'unknown' : 'ended';
      await (await this.#services.ledger()).abandon(attempt.entry.key, state, error.toJSON());
      return;
    }
    const report = await this.#disconnector.apply(planFor(session, this.#services.clock), {
      reason: `connect failed: ${error.code}`,
    });
    if (report.outcomes.some((outcome) => outcome.status === 'failed')) {
      this.#services.log.warn(`${session.label} was opened, and could not be ended again`, {
        provider: session.provider,
        id: session.id,
      });
    }
  }

  /** Ends what the ledger could not take while its secret is still in memory: nobody could end it later. */
  async #isEnded({ plugin, provider, given }: Call, entry: LedgerEntry, opened: Opened): Promise<boolean> {
    const { calls, clock, deadlines, log } = this.#services;
    try {
      const session = openedSession(entry, opened, undefined, clock.now());
      await deadlines.within(20_000, undefined, (signal) =>
        provider.disconnect(session, opened.effects[0], {
          ...calls.context(plugin.id, signal, given),
          secret: async () => opened.secret ?? Promise.reject(noSecret()),
        }),
      );
      return true;
    } catch (error) {
      log.warn(`${opened.label} was opened, and could be neither written down nor ended`, {
        provider: plugin.id,
        error: DisconnectError.from(error).code,
      });
      return false;
    }
  }
}

interface Call extends Loaded {
  readonly values: Readonly<Record<string, unknown>>;
  readonly endpoint: string;
  readonly given: GivenCredential;
}

/** One connect under way, and what the server has issued so far. */
class Attempt {
  readonly entry: LedgerEntry;
  readonly #ledger: Ledger;
  readonly #wanted: 'process' | undefined;
  #kept: LedgerEntry | undefined;
  #unwritten: Opened | undefined;

  constructor(ledger: Ledger, entry: LedgerEntry, wanted: 'process' | undefined) {
    this.#ledger = ledger;
    this.#wanted = wanted;
    this.entry = entry;
  }

  get isKept(): boolean {
    return this.#kept !== undefined;
  }

  get session(): Session {
    return (this.#kept ?? this.entry).session;
  }

  get scope(): Scope {
    return (this.#kept ?? this.entry).scope;
  }

  /** What the server has issued and the ledger did not take. */
  get unwritten(): Opened | undefined {
    return this.#kept === undefined ? this.#unwritten : undefined;
  }

  /** While the connect `isPartial`, the death of this process makes an orphan of the session, whatever its scope. */
  async keep(opened: Opened, isPartial: boolean): Promise<void> {
    const scope = this.#wanted ?? opened.scope;
    try {
      this.#kept = await this.#ledger.opened(this.entry.key, { ...opened, scope }, isPartial);
    } catch (error) {
      this.#unwritten = opened;
      throw error;
    }
  }
}

function endpointOf(table: ParameterTable, values: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(table)
    .filter((key) => table[key]?.endpoint === true)
    .map((key) => values[key])
    .find((value): value is string => typeof value === 'string' && value !== '');
}

/** The host in `host`, `host:port`, `[::1]:port` or a URL. */
function hostOf(endpoint: string): string {
  const text = endpoint.includes('://') ? endpoint : `https://${endpoint}`;
  return URL.canParse(text) ? new URL(text).hostname : endpoint;
}
