import { givenCredential, type Calls } from './calls.ts';
import { withDeadline, type Patience } from './deadline.ts';
import type { Disconnector } from './disconnector.ts';
import { DisconnectError } from './errors.ts';
import type { Clock, Logger } from './host.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { Expectation } from './network/trust.ts';
import type { Network } from './network/network.ts';
import { parseParameters, type ParameterTable } from './parameters.ts';
import type { ConnectContext, Opened, Provider } from './provider.ts';
import type { Registry } from './registry.ts';
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
}

/** Opens sessions: intent first, then the wire, then what the server issued, sealed before anything else is sent. */
export class Connector {
  readonly #registry: Registry;
  readonly #calls: Calls;
  readonly #ledger: () => Promise<Ledger>;
  readonly #network: Network;
  readonly #disconnector: Disconnector;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #patience: Patience;

  constructor(parts: ConnectorParts) {
    this.#registry = parts.registry;
    this.#calls = parts.calls;
    this.#ledger = parts.ledger;
    this.#network = parts.network;
    this.#disconnector = parts.disconnector;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#patience = parts.patience;
  }

  /** Throws `DisconnectError`; a session that the server issued before a failure has then been ended again, or stays listed. */
  async connect(
    providerId: string,
    input: Readonly<Record<string, unknown>>,
    options: ConnectOptions = {},
  ): Promise<Session> {
    const { plugin, provider } = await this.#registry.get(providerId);
    if (plugin.connect === undefined || provider.connect === undefined) {
      const next = `slipline ls ${plugin.id} lists what can be disconnected`;
      throw new DisconnectError('unsupported', `${plugin.title} has nothing to connect to`, { next });
    }
    const values = parseParameters(plugin.connect, input) as Readonly<Record<string, unknown>>;
    const endpoint = endpointOf(plugin.connect, values) ?? plugin.id;
    if (options.trust !== undefined) this.#network.dialer.expect(hostOf(endpoint), options.trust);
    const given = givenCredential(plugin.connect, values);
    const ledger = await this.#ledger();
    const entry = await ledger.open({
      provider: plugin.id,
      endpoint,
      principal: given.userName,
      reason: options.reason,
    });
    const attempt = new Attempt(ledger, entry);
    try {
      const opened = await withDeadline(
        this.#clock,
        options.timeout ?? 60_000,
        options.signal,
        async (signal) => {
          const calls = this.#calls.context(plugin.id, signal, given);
          const context: ConnectContext = {
            ...calls,
            number: entry.number,
            keep: async (kept) => void (await attempt.keep(kept)),
          };
          const made = await (provider.connect as NonNullable<Provider['connect']>)(values, context);
          if (options.saveCredential === true) await this.#saveCredential(plugin.id, endpoint, context);
          return made;
        },
        this.#patience,
      );
      const session = (await attempt.keep(opened)).session;
      if (options.makeDefault === true) await ledger.makeDefault(entry.key);
      if (options.trust !== undefined) await this.#network.dialer.keepExpectation(hostOf(endpoint));
      return options.makeDefault === true ? { ...session, isDefault: true } : session;
    } catch (error) {
      const known = DisconnectError.from(error).at(endpoint);
      await this.#undo(attempt, known);
      throw known;
    }
  }

  async #saveCredential(provider: string, endpoint: string, context: ConnectContext): Promise<void> {
    const credential = await context.credential(endpoint);
    if (credential !== undefined)
      await (await this.#ledger()).credentials.save(provider, endpoint, credential);
  }

  /** What was kept is ended; what was not is noted as never opened, or as unknown. */
  async #undo(attempt: Attempt, error: DisconnectError): Promise<void> {
    const { kept } = attempt;
    if (kept === undefined || kept.session.ownership === 'adopted') {
      const state = kept === undefined && error.mayHaveTakenEffect ? 'unknown' : 'ended';
      await (await this.#ledger()).abandon(attempt.entry.key, state, error.toJSON());
      return;
    }
    const { session } = kept;
    const effect = session.effects[0];
    if (effect === undefined) return;
    const plan = {
      version: 1,
      createdAt: new Date(this.#clock.now()).toISOString(),
      steps: [{ session, effect, isNamed: true }],
      problems: [],
      isEverything: false,
    } as const;
    const report = await this.#disconnector.apply(plan, { reason: `connect failed: ${error.code}` });
    const failed = report.outcomes.find((outcome) => outcome.status === 'failed');
    if (failed !== undefined)
      this.#log.warn(`${session.label} was opened, and could not be ended again`, {
        provider: session.provider,
        id: session.id,
      });
  }
}

export interface ConnectorParts {
  readonly registry: Registry;
  readonly calls: Calls;
  readonly ledger: () => Promise<Ledger>;
  readonly network: Network;
  readonly disconnector: Disconnector;
  readonly clock: Clock;
  readonly log: Logger;
  readonly patience: Patience;
}

/** One connect under way, and what the server has issued so far. */
class Attempt {
  readonly entry: LedgerEntry;
  readonly #ledger: Ledger;
  kept: LedgerEntry | undefined;

  constructor(ledger: Ledger, entry: LedgerEntry) {
    this.#ledger = ledger;
    this.entry = entry;
  }

  async keep(opened: Opened): Promise<LedgerEntry> {
    this.kept = await this.#ledger.opened(this.entry.key, opened);
    return this.kept;
  }
}

function endpointOf(table: ParameterTable, values: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(table).find((key) => table[key]?.endpoint === true);
  const value = name === undefined ? undefined : values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The host in `host`, `host:port`, `[::1]:port` or a URL. */
function hostOf(endpoint: string): string {
  const text = endpoint.includes('://') ? endpoint : `https://${endpoint}`;
  return URL.canParse(text) ? new URL(text).hostname : endpoint;
}
