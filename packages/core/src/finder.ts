import pLimit from 'p-limit';
import { givenCredential, type GivenCredential } from './calls.ts';
import { DisconnectError } from './errors.ts';
import type { Problem } from './outcome.ts';
import { parseParameters, type ParameterTable } from './parameters.ts';
import type { FindContext } from './provider.ts';
import type { Loaded } from './registry.ts';
import type { Services } from './services.ts';
import { sessionKey, type Session } from './session.ts';

export interface FindOptions extends Pick<GivenCredential, 'credentials'> {
  readonly signal?: AbortSignal | undefined;
  /** Ask own sessions of their systems. */
  readonly isLive?: boolean | undefined;
  /** Milliseconds for one endpoint; 20,000 when absent. */
  readonly timeout?: number | undefined;
}

export interface Found {
  readonly sessions: readonly Session[];
  readonly problems: readonly Problem[];
  /** What was given for `CallContext.credential`. */
  readonly given: GivenCredential;
  /** Single sessions were named. */
  readonly isNamed: boolean;
}

const AT_ONCE = 16;

/** Asks providers for sessions: one `find` for each endpoint and each name, so that one failure never hides the rest. */
export class Finder {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Throws for what is wrong with the selector itself; what goes wrong at one endpoint is a problem among the answers. */
  async find(
    providerId: string,
    selector: Readonly<Record<string, unknown>>,
    options: FindOptions = {},
  ): Promise<Found> {
    const loaded = await this.#services.registry.get(providerId);
    const table = loaded.plugin.find;
    const values = parseParameters(table, selector) as Readonly<Record<string, unknown>>;
    const given = { ...givenCredential(table, values), credentials: options.credentials };
    const limit = pLimit(AT_ONCE);
    const parts = fanOut(table, values);
    let own: Promise<readonly Session[]> | undefined;
    // Read once for all parts: there may be as many names as sessions.
    const contextOf = (signal: AbortSignal): FindContext => {
      const context = this.#services.calls.context(providerId, signal, given);
      return { ...context, own: () => (own ??= context.own()), isLive: options.isLive ?? false };
    };
    const answers = await Promise.all(
      parts.map((part) => limit(() => this.#ask(loaded, part, contextOf, options))),
    );
    const sessions = new Map(
      answers.flatMap((answer) => answer.sessions).map((session) => [sessionKey(session), session]),
    );
    return {
      sessions: [...sessions.values()],
      problems: answers.flatMap((answer) => answer.problems),
      given,
      isNamed: named(table, values) !== undefined,
    };
  }

  async #ask(
    loaded: Loaded,
    values: Readonly<Record<string, unknown>>,
    contextOf: (signal: AbortSignal) => FindContext,
    options: FindOptions,
  ): Promise<Pick<Found, 'sessions' | 'problems'>> {
    const { plugin, provider } = loaded;
    const endpoint = endpointOf(plugin.find, values);
    const { timeout = 20_000, signal } = options;
    // What was found before a failure counts as well.
    const sessions: Session[] = [];
    const problem = (error: DisconnectError): Problem => ({ provider: plugin.id, endpoint, error });
    try {
      await this.#services.deadlines.within(timeout, signal, async (bound) => {
        for await (const session of provider.find(values, contextOf(bound))) {
          bound.throwIfAborted();
          sessions.push(session);
        }
      });
    } catch (error) {
      const known = DisconnectError.from(error);
      return { sessions, problems: [problem(endpoint === undefined ? known : known.at(endpoint))] };
    }
    const name = named(plugin.find, values);
    if (sessions.length > 0 || name === undefined) return { sessions, problems: [] };
    const error = new DisconnectError('not-found', `no session matches ${name}`, {
      next: `slipline ls ${plugin.id} shows what there is`,
      system: endpoint ?? plugin.id,
    });
    return { sessions, problems: [problem(error)] };
  }
}

/** One selector for each combination of the endpoints and the names that were given. */
function fanOut(
  table: ParameterTable,
  values: Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(table).reduce<Readonly<Record<string, unknown>>[]>(
    (parts, [name, parameter]) => {
      const value = values[name];
      const isSplit =
        parameter.many === true &&
        (parameter.endpoint === true || parameter.names === true) &&
        Array.isArray(value);
      return isSplit
        ? parts.flatMap((part) => (value as unknown[]).map((one) => ({ ...part, [name]: [one] })))
        : parts;
    },
    [values],
  );
}

function endpointOf(table: ParameterTable, values: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(table).find((key) => table[key]?.endpoint === true);
  const value = name === undefined ? undefined : values[name];
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' ? one : undefined;
}

/** `appliance "ov9.example"`: what named single sessions, in words, if anything did. */
function named(table: ParameterTable, values: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(table).filter(
    (name) => table[name]?.names === true && values[name] !== undefined,
  );
  if (names.length === 0) return undefined;
  return names.map((name) => `${name} "${[values[name]].flat().map(String).join(', ')}"`).join(' and ');
}
