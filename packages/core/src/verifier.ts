import type { Effect } from './effect.ts';
import { DisconnectError } from './errors.ts';
import type { Verification } from './outcome.ts';
import type { CallContext, Provider } from './provider.ts';
import type { Services } from './services.ts';
import type { Session } from './session.ts';

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 10,000 when absent. `Infinity` asks until the signal aborts. */
  readonly verifyTimeout?: number | undefined;
}

/** What is to be verified, and how to ask. */
export interface Claim {
  readonly session: Session;
  readonly effect: Effect;
  readonly provider: Provider;
  readonly calls: (signal: AbortSignal) => CallContext;
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;
/** Milliseconds that one question may take, however much time there is for all of them. */
const LONGEST_QUESTION = 20_000;

/** Asks the server again until it says that an effect has taken hold. */
export class Verifier {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Throws `still-live` when the server still had the session at the deadline; `pending` when it could not be asked, or
   *  when the effect is `revoke`, which needs minutes. */
  async verify(claim: Claim, options: VerifyOptions): Promise<Verification> {
    const { clock } = this.#services;
    const deadline = clock.now() + (options.verifyTimeout ?? 10_000);
    let wasLive = false;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const left = Math.max(1, deadline - clock.now());
      const answer = await this.#ask(claim, Math.min(LONGEST_QUESTION, left), options.signal);
      if (answer === 'reached' || answer === 'changed') return 'verified';
      wasLive ||= answer === 'not-yet';
      if (options.signal?.aborted === true) return 'pending';
      if (clock.now() + pause >= deadline) break;
      await clock.sleep(pause, options.signal).catch(() => undefined);
    }
    if (!wasLive || claim.effect === 'revoke') return 'pending';
    throw stillLive(claim.session);
  }

  async #ask(
    { session, effect, provider, calls }: Claim,
    left: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    try {
      return await this.#services.deadlines.within(left, signal, async (bound) =>
        provider.probe?.(session, effect, calls(bound)),
      );
    } catch (error) {
      this.#services.log.debug('probe failed', {
        session: session.label,
        error: DisconnectError.from(error).code,
      });
      return undefined;
    }
  }
}

type Answer = 'reached' | 'not-yet' | 'changed' | undefined;

function stillLive(session: Session): DisconnectError {
  return new DisconnectError(
    'still-live',
    'the server accepted the disconnect, but the session is still there',
    {
      system: session.endpoint,
      mayHaveTakenEffect: true,
      next: 'try again, or look at the system itself',
    },
  );
}
