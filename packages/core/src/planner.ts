import pLimit from 'p-limit';
import type { GivenCredential } from './calls.ts';
import { isEffect, type Effect } from './effect.ts';
import { DisconnectError } from './errors.ts';
import type { Finder, FindOptions, Found } from './finder.ts';
import type { Problem } from './outcome.ts';
import type { Plan, PlanStep } from './plan.ts';
import type { Reader } from './reader.ts';
import type { Loaded } from './registry.ts';
import type { Services } from './services.ts';
import { sessionKey, type Session, type SessionRef } from './session.ts';

/** What to disconnect: by a provider's own parameters, or these very sessions. */
export type DisconnectRequest = SelectorRequest | SessionsRequest;

export interface SelectorRequest {
  readonly provider: string;
  /** Values for the plugin's `find` parameters. */
  readonly selector?: Readonly<Record<string, unknown>> | undefined;
  /** Each session's own default when absent. */
  readonly effect?: Effect | undefined;
  /** Everything that matches; needed where nothing single is named. */
  readonly all?: boolean | undefined;
}

export interface SessionsRequest {
  /** References, from anywhere: each is read again before it is believed. `fingerprint`, where given, must still hold. */
  readonly sessions: readonly (SessionRef & { readonly fingerprint?: string | undefined })[];
  readonly effect?: Effect | undefined;
}

export interface PlanOptions extends FindOptions, GivenCredential {}

/** Turns a request into a plan. Changes nothing anywhere. */
export class Planner {
  readonly #services: Services;
  readonly #finder: Finder;
  readonly #reader: Reader;

  constructor(services: Services, finder: Finder, reader: Reader) {
    this.#services = services;
    this.#finder = finder;
    this.#reader = reader;
  }

  async plan(request: DisconnectRequest, options: PlanOptions = {}): Promise<Plan> {
    if (request.effect !== undefined && !isEffect(request.effect)) throw noSuchEffect(request.effect);
    if ('sessions' in request)
      return this.#make(await this.#read(request.sessions, options), request.effect, false);
    return this.#make(await this.#select(request, options), request.effect, request.all ?? false);
  }

  async #select(request: SelectorRequest, options: PlanOptions): Promise<Choice> {
    const { plugin } = await this.#services.registry.get(request.provider);
    const selector = Object.fromEntries(
      Object.entries(request.selector ?? {}).filter(([, value]) => value !== undefined),
    );
    const listing = Object.keys(selector).find((name) => plugin.find[name]?.listing === true);
    if (listing !== undefined) throw new DisconnectError('invalid-request', `${listing} is for listing only`);
    const chooses = Object.keys(selector).some((name) => plugin.find[name]?.credential === undefined);
    if (request.effect === 'revoke' && (request.all === true || !(chooses || plugin.unnamed === 'default')))
      throw unnamedRevoke(plugin.id);
    if (request.all === true || chooses) return this.#finder.find(request.provider, selector, options);
    if (plugin.unnamed === undefined) {
      const next = `name it by ${Object.keys(plugin.find).join(' or ')}, or ask for --all`;
      throw new DisconnectError('invalid-request', `say which sessions of ${plugin.id} to disconnect`, {
        next,
      });
    }
    const found = await this.#finder.find(request.provider, selector, options);
    return plugin.unnamed === 'all'
      ? found
      : { ...found, sessions: found.sessions.filter((session) => session.isDefault === true) };
  }

  async #read(references: SessionsRequest['sessions'], options: PlanOptions): Promise<Choice> {
    const limit = pLimit(16);
    const read = this.#reader.begin(options.signal, options);
    const sessions: Session[] = [];
    const problems: Problem[] = [];
    await Promise.all(
      references.map((ref, place) =>
        limit(async () => {
          const { provider, endpoint } = ref;
          try {
            const current = await read(ref);
            if (current === undefined) throw gone(ref);
            if (ref.fingerprint !== undefined && ref.fingerprint !== current.fingerprint)
              throw changed(current);
            sessions[place] = current;
          } catch (error) {
            problems.push({ provider, endpoint, error: DisconnectError.from(error) });
          }
        }),
      ),
    );
    const found = sessions.filter((session) => session !== undefined);
    const once = new Map(found.map((session) => [sessionKey(session), session]));
    return { sessions: [...once.values()], problems, isNamed: false };
  }

  async #make(choice: Choice, effect: Effect | undefined, isEverything: boolean): Promise<Plan> {
    const steps: PlanStep[] = [];
    const problems: Problem[] = [...choice.problems];
    for (const session of choice.sessions) {
      const chosen = effect ?? session.effects[0];
      if (chosen !== undefined && session.effects.includes(chosen))
        steps.push({ session, effect: chosen, isNamed: choice.isNamed });
      else
        problems.push({
          provider: session.provider,
          endpoint: session.endpoint,
          session,
          error: notOffered(session, chosen, await this.#services.registry.get(session.provider)),
        });
    }
    return {
      version: 1,
      createdAt: new Date(this.#services.clock.now()).toISOString(),
      steps,
      problems,
      isEverything,
    };
  }
}

type Choice = Pick<Found, 'sessions' | 'problems' | 'isNamed'>;

export function notOffered(
  session: Session,
  effect: Effect | undefined,
  { plugin }: Pick<Loaded, 'plugin'>,
): DisconnectError {
  const offered = session.effects.join(', ');
  return offered === ''
    ? new DisconnectError(
        'unsupported',
        `${session.label} can be listed, but its system lets nobody else end it`,
        { system: session.endpoint },
      )
    : new DisconnectError('unsupported', `${session.label} does not offer "${String(effect)}"`, {
        system: session.endpoint,
        next: (effect && plugin.withheld?.[effect]) ?? `it offers: ${offered}`,
      });
}

export function changed(session: Session): DisconnectError {
  return new DisconnectError(
    'changed',
    `${session.label} is not the session that was chosen: its id is used again`,
    {
      system: session.endpoint,
      next: `look again: slipline ls ${session.provider}`,
    },
  );
}

function gone(ref: SessionRef): DisconnectError {
  return new DisconnectError('not-found', `there is no session ${ref.id} any more`, { system: ref.endpoint });
}

/** It reaches beyond the sessions that are listed, so that nobody is to be met by it unnamed. */
function unnamedRevoke(provider: string): DisconnectError {
  return new DisconnectError(
    'invalid-request',
    'revoke is for sessions that are named, not for everything there is',
    {
      next: `see what there is with slipline ls ${provider}, and name it`,
    },
  );
}

function noSuchEffect(effect: unknown): DisconnectError {
  return new DisconnectError('invalid-request', `there is no effect "${String(effect).slice(0, 40)}"`, {
    next: 'use one of: forget, detach, end, revoke',
  });
}
