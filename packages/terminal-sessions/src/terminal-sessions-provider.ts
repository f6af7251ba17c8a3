import {
  CLOCK,
  DIAL,
  LOG,
  OPTIONS,
  type CallContext,
  type Clock,
  type ConnectContext,
  type Disconnected,
  type Effect,
  type FindContext,
  type Host,
  type JsonValue,
  type Logger,
  type Opened,
  type Provider,
  type Session,
  type SessionRef,
} from '@slipline/core';
import { inject, injectable } from '@slipline/core/container';
import { thisCaller } from './caller.ts';
import { connectionId, namesConnection } from './connection-selector.ts';
import { CONNECTION, DESKTOP, desktopSession, fingerprintOf } from './desktop-session.ts';
import { changedSince, inWords, noSuchAction, noSuchDesktop } from './terminal-sessions-errors.ts';
import { Hosts } from './hosts.ts';
import { hostAddress } from './host-address.ts';
import { takeInventory } from './inventory.ts';
import { keptSecret } from './kept-credential.ts';
import { answerOf, messageOf } from './message.ts';
import type { Caller, ConnectValues, FindValues, MessageValues, Settings } from './plugin.ts';
import type { TerminalClient } from './terminal-client.ts';

const DISCONNECTED = 'Disconnected';

/** Desktops on Windows hosts, and own connections that keep a credential for a host. */
@injectable()
export class TerminalSessionsProvider implements Provider<ConnectValues, FindValues> {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #hosts: Hosts;
  readonly #caller: Caller | undefined;

  constructor(
    @inject(DIAL) dial: Host['dial'],
    @inject(CLOCK) clock: Clock,
    @inject(LOG) log: Logger,
    @inject(OPTIONS) options: { readonly settings: Settings; readonly caller: Caller | undefined },
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#hosts = new Hosts(dial, clock, options.settings);
    this.#caller = options.caller ?? thisCaller();
  }

  async *find(selector: FindValues, context: FindContext): AsyncGenerator<Session> {
    const { computerName, connection } = selector;
    if (connection !== undefined) {
      yield* await this.#connections(connection, context);
      return;
    }
    if (computerName !== undefined) {
      yield* this.#desktops(computerName, selector, context);
      return;
    }
    const own = await context.own();
    const { user, state, idle, onlineOnly } = selector;
    const asksForDesktops = [user, state, idle, onlineOnly].some((filter) => filter !== undefined);
    if (!asksForDesktops) yield* own;
    if (asksForDesktops || context.isLive)
      yield* this.#desktops([...new Set(own.map(({ endpoint }) => endpoint))], selector, context);
  }

  async connect(values: ConnectValues, context: ConnectContext): Promise<Opened> {
    const { computerName, port } = values;
    const address = hostAddress(computerName, port);
    return inWords(address.endpoint, async () => {
      const credential = await this.#hosts.credential(address, context);
      // A credential that does not work is not kept.
      await this.#hosts.at(address, context, (client) => client.list(context.signal));
      return {
        endpoint: address.endpoint,
        id: connectionId(context.number),
        kind: CONNECTION,
        label: `${credential.userName} at ${address.host}`,
        principal: credential.userName,
        ownership: 'opened',
        effects: ['forget'],
        details: { computerName: address.host, port: address.port, userName: credential.userName },
        secret: keptSecret(credential),
      };
    });
  }

  /** A connect opens nothing on the host that outlives it. */
  async resolve(): Promise<'gone'> {
    return 'gone';
  }

  async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    // Core erases the credential that is kept; there is nobody to tell.
    if (session.kind === CONNECTION) return { wasGone: false };
    const { signal } = context;
    const id = Number(session.id);
    return this.#at(
      session,
      context,
      async (client) => {
        const facts = await client.facts(id, signal);
        if (facts === undefined) return { wasGone: true };
        if (fingerprintOf(facts, facts.logonTime) !== session.fingerprint) throw changedSince(session);
        const changed = await (effect === 'end' ? client.logOff(id, signal) : client.disconnect(id, signal));
        return { wasGone: changed !== 'done' };
      },
      true,
    );
  }

  async probe(
    session: Session,
    effect: Effect,
    context: CallContext,
  ): Promise<'reached' | 'not-yet' | 'changed'> {
    if (session.kind === CONNECTION) return 'reached';
    return this.#at(session, context, async (client) => {
      const facts = await client.facts(Number(session.id), context.signal);
      if (facts === undefined) return 'reached';
      if (fingerprintOf(facts, facts.logonTime) !== session.fingerprint) return 'changed';
      return effect === 'detach' && facts.state === DISCONNECTED ? 'reached' : 'not-yet';
    });
  }

  async inspect(ref: SessionRef, context: CallContext): Promise<Session | undefined> {
    const id = Number(ref.id);
    if (!Number.isSafeInteger(id) || id < 1 || id > 65_535) return undefined;
    return this.#at(ref, context, async (client) => {
      const facts = await client.facts(id, context.signal);
      if (facts === undefined || facts.userName === '') return undefined;
      return desktopSession({ entry: { ...facts, id }, facts }, this.#place(ref.endpoint));
    });
  }

  async act(name: string, session: Session, values: unknown, context: CallContext): Promise<JsonValue> {
    if (name !== 'message' || session.kind !== DESKTOP) throw noSuchAction(name, session);
    const message = messageOf(values as MessageValues);
    return this.#at(session, context, async (client) => {
      const answer = await client.showMessage(Number(session.id), message, context.signal);
      if (answer === undefined) throw noSuchDesktop(session);
      return { answer: answerOf(answer) };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#hosts[Symbol.asyncDispose]();
  }

  async #connections(names: readonly string[], context: CallContext): Promise<readonly Session[]> {
    const own = await context.own();
    return own.filter((session) => names.some((text) => namesConnection(text, session)));
  }

  /** Hosts that fail are told of once all others have been listed. */
  async *#desktops(
    names: readonly string[],
    selector: FindValues,
    context: FindContext,
  ): AsyncGenerator<Session> {
    const listed = await Promise.allSettled(
      names.map(async (name) => {
        const address = hostAddress(name, selector.port);
        const { endpoint } = address;
        return inWords(endpoint, () =>
          this.#hosts.at(address, context, (client) =>
            takeInventory(client, selector, this.#place(endpoint), context.signal),
          ),
        );
      }),
    );
    for (const result of listed) if (result.status === 'fulfilled') yield* result.value;
    const errors = listed.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
    for (const error of errors.slice(1)) this.#log.warn(error.message);
    if (errors[0] !== undefined) throw errors[0];
  }

  #place(endpoint: string) {
    return { endpoint, host: hostAddress(endpoint).host, now: this.#clock.now(), caller: this.#caller };
  }

  #at<T>(
    { endpoint }: SessionRef,
    context: CallContext,
    work: (client: TerminalClient) => Promise<T>,
    isChange = false,
  ): Promise<T> {
    return inWords(endpoint, () => this.#hosts.at(hostAddress(endpoint), context, work), isChange);
  }
}
