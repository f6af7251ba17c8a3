import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@slipline/core';
import type { Who } from './who.ts';

/** Milliseconds a token may be used. */
const LIFETIME = 5 * 60_000;

/** Tokens with which a person signs in to the page once: 256 bits, five minutes, for the one who started the service. */
export class SignInTokens {
  readonly #clock: Pick<Clock, 'now'>;
  /** By their hashes: looking one up tells nothing of the token by how long it takes. */
  readonly #issued = new Map<string, { readonly who: Who; readonly end: number }>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  issue(who: Who): string {
    const token = randomBytes(32).toString('base64url');
    this.#issued.set(hashOf(token), { who, end: this.#clock.now() + LIFETIME });
    return token;
  }

  /** Who may come in with it; it is good for nothing afterwards. */
  redeem(token: string): Who | undefined {
    const hash = hashOf(token);
    const issued = this.#issued.get(hash);
    this.#issued.delete(hash);
    return issued !== undefined && this.#clock.now() < issued.end ? issued.who : undefined;
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
