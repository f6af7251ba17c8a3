import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@slipline/core';
import type { Who } from './who.ts';

/** Milliseconds that a sign-in lasts, and without a request. */
const LIFETIME = 12 * 3_600_000;
const IDLE = 3_600_000;
const MOST = 1000;

/** Somebody signed in to the page. */
export interface SignIn {
  readonly who: Who;
  /** What every changing request of the page brings in a header. */
  readonly csrfToken: string;
}

interface Kept extends SignIn {
  readonly startedAt: number;
  usedAt: number;
  /** Whether what they signed in with still counts. */
  readonly isGood: () => boolean;
}

/** Who is signed in to the page. In memory only: a restart signs everybody out. */
export class CookieSessions {
  readonly #clock: Pick<Clock, 'now'>;
  /** By the hash of the cookie, the oldest first. */
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** How many are signed in, or have been until lately. */
  get size(): number {
    return this.#kept.size;
  }

  /** Signs in; `isGood` is asked with each request. Answers the cookie's value beside the sign-in. */
  open(who: Who, isGood: () => boolean = () => true): SignIn & { readonly cookie: string } {
    const now = this.#clock.now();
    for (const [hash, kept] of this.#kept) if (this.#isOver(kept, now)) this.#kept.delete(hash);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST && oldest !== undefined) this.#kept.delete(oldest);
    const cookie = randomBytes(32).toString('base64url');
    const csrfToken = randomBytes(32).toString('base64url');
    this.#kept.set(hashOf(cookie), { who, csrfToken, isGood, startedAt: now, usedAt: now });
    return { who, csrfToken, cookie };
  }

  /** Whose cookie this is; using it keeps it from idling. */
  find(cookie: string): SignIn | undefined {
    const hash = hashOf(cookie);
    const kept = this.#kept.get(hash);
    if (kept === undefined) return undefined;
    const now = this.#clock.now();
    if (this.#isOver(kept, now)) {
      this.#kept.delete(hash);
      return undefined;
    }
    kept.usedAt = now;
    return kept;
  }

  /** Whether somebody is signed in with it; asking is no use of it. */
  isGood(cookie: string): boolean {
    const kept = this.#kept.get(hashOf(cookie));
    return kept !== undefined && !this.#isOver(kept, this.#clock.now());
  }

  close(cookie: string): void {
    this.#kept.delete(hashOf(cookie));
  }

  #isOver({ startedAt, usedAt, isGood }: Kept, now: number): boolean {
    return now - startedAt >= LIFETIME || now - usedAt >= IDLE || !isGood();
  }
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other));
}

function hashOf(cookie: string): string {
  return digestOf(cookie).toString('hex');
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
