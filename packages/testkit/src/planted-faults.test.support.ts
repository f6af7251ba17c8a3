import {
  DisconnectError,
  type CallContext,
  type Disconnected,
  type Effect,
  type FindContext,
  type Opened,
  type Session,
  type SessionRef,
} from '@slipline/core';
import type { HarborProviderClass, Kind } from './harbor-bench.test.support.ts';
import { HarborProvider } from './harbor-provider.test.support.ts';
import {
  never,
  type Change,
  type HarborError,
  type HarborSystem,
  type Place,
  type Ship,
} from './harbor-system.test.support.ts';

const neverAborted = new AbortController().signal;

class SendsWhenCreated extends HarborProvider {
  constructor(system: HarborSystem) {
    super(system);
    system.writes += 1;
  }
}

class WritesWhileFinding extends HarborProvider {
  override async *find(...[selector, context]: Parameters<HarborProvider['find']>): AsyncIterable<Session> {
    this.system.writes += 1;
    yield* super.find(selector, context);
  }
}

class IgnoresTheSelector extends HarborProvider {
  override find(
    { host }: { readonly host?: readonly string[] },
    context: FindContext,
  ): AsyncIterable<Session> {
    return super.find({ host }, context);
  }
}

class WritesTimesInWords extends HarborProvider {
  override foreign(ship: Ship): Session {
    return { ...super.foreign(ship), openedAt: 'yesterday' };
  }
}

class HidesWhatFails extends HarborProvider {
  override async list(hosts: readonly string[], signal: AbortSignal): Promise<readonly Ship[]> {
    return super.list(hosts, signal).catch(() => []);
  }
}

class DetachesNothing extends HarborProvider {
  override async send(place: Place, change: Change, signal: AbortSignal): Promise<boolean> {
    if (change !== 'detach') return super.send(place, change, signal);
    return (await this.system.look(place, signal)) !== undefined;
  }

  override async probe(
    session: Session,
    effect: Effect,
    context: CallContext,
  ): Promise<'reached' | 'not-yet'> {
    return effect === 'detach' ? 'reached' : super.probe(session, effect, context);
  }
}

class EndsInsteadOfDetaching extends HarborProvider {
  override send(place: Place, _change: Change, signal: AbortSignal): Promise<boolean> {
    return super.send(place, 'end', signal);
  }
}

class FailsTheSecondTime extends HarborProvider {
  readonly #ended = new Set<string>();

  override async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    const disconnected = await super.disconnect(session, effect, context);
    this.#ended.add(session.id);
    return disconnected;
  }

  override async inspect(ref: SessionRef, context: CallContext): Promise<Session | undefined> {
    const session = await super.inspect(ref, context);
    if (session === undefined && this.#ended.has(ref.id))
      throw new DisconnectError('not-found', 'it has been ended before');
    return session;
  }
}

class FailsOnWhatIsGone extends HarborProvider {
  override async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    const disconnected = await super.disconnect(session, effect, context);
    if (disconnected.wasGone) throw new DisconnectError('unauthenticated', 'the token is not known');
    return disconnected;
  }
}

class TellsShipsByTheirBerth extends HarborProvider {
  override fingerprint(berth: number): string {
    return `berth-${berth}`;
  }
}

class OwnsWhatItAdopted extends HarborProvider {
  override opened(ship: Ship): Opened {
    return super.opened(ship, 'opened');
  }
}

class TakesErrorsForGone extends HarborProvider {
  override async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    try {
      return await super.disconnect(session, effect, context);
    } catch (error) {
      if (DisconnectError.is(error) && error.code === 'protocol') return { wasGone: true };
      throw error;
    }
  }
}

class BelievesTheServer extends HarborProvider {
  override async probe(): Promise<'reached'> {
    return 'reached';
  }
}

class WaitsForEver extends HarborProvider {
  override async send(place: Place, change: Change, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    return super.send(place, change, neverAborted);
  }
}

class SendsInSpiteOfAnAbort extends HarborProvider {
  override async send(place: Place, change: Change, signal: AbortSignal): Promise<boolean> {
    return Promise.race([super.send(place, change, neverAborted), never(signal)]);
  }
}

class QuotesTheToken extends HarborProvider {
  #token = '';

  override async place(session: Session, context: CallContext): Promise<Place> {
    const place = await super.place(session, context);
    this.#token = 'token' in place ? place.token : '';
    return place;
  }

  override translate(error: HarborError): DisconnectError {
    const cause = new Error(`DELETE /ships/${this.#token}: ${error.message}`);
    return new DisconnectError('protocol', 'the harbor has a fault', { cause });
  }
}

class ClosesOnlyOnce extends HarborProvider {
  #isClosed = false;

  override async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) throw new Error('closed before');
    this.#isClosed = true;
    await super[Symbol.asyncDispose]();
  }
}

class SignsOutWhenClosed extends HarborProvider {
  override async [Symbol.asyncDispose](): Promise<void> {
    const limit = AbortSignal.timeout(100);
    const ships = await this.system.list(limit);
    await Promise.allSettled(ships.map(({ berth }) => this.system.change({ berth }, 'end', limit)));
  }
}

export interface PlantedFault {
  /** Whose sessions show it. */
  readonly kind: Kind;
  readonly Provider: HarborProviderClass;
}

/** One fault for each check, by the check's name. */
export const PLANTED_FAULTS: Readonly<Record<string, PlantedFault>> = {
  'creating a provider sends nothing': { kind: 'own', Provider: SendsWhenCreated },
  'planning changes nothing': { kind: 'own', Provider: WritesWhileFinding },
  'a selector selects just what it names': { kind: 'own', Provider: IgnoresTheSelector },
  'a session is well formed, and the same in every listing': {
    kind: 'foreign',
    Provider: WritesTimesInWords,
  },
  'an endpoint that fails does not hide the others, nor itself': {
    kind: 'foreign',
    Provider: HidesWhatFails,
  },
  'a disconnect shows on the server': { kind: 'own', Provider: DetachesNothing },
  'the effect reported is the effect reached': { kind: 'own', Provider: EndsInsteadOfDetaching },
  'twice is success, and said so': { kind: 'foreign', Provider: FailsTheSecondTime },
  'what was gone already is success, and said so': { kind: 'own', Provider: FailsOnWhatIsGone },
  'a reused id is refused': { kind: 'foreign', Provider: TellsShipsByTheirBerth },
  'an adopted session is not ended': { kind: 'own', Provider: OwnsWhatItAdopted },
  'a server error is never success': { kind: 'own', Provider: TakesErrorsForGone },
  'a lying server is caught': { kind: 'own', Provider: BelievesTheServer },
  'a hang ends at the deadline': { kind: 'own', Provider: WaitsForEver },
  'an abort before the wire sends nothing': { kind: 'own', Provider: SendsInSpiteOfAnAbort },
  'no secret is seen': { kind: 'own', Provider: QuotesTheToken },
  'closing twice is fine': { kind: 'own', Provider: ClosesOnlyOnce },
  'closing ends no session': { kind: 'own', Provider: SignsOutWhenClosed },
};
