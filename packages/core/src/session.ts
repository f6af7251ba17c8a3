import type { Effect } from './effect.ts';
import type { JsonObject } from './json.ts';

/** By Slipline; from a token that was given to it; somebody else's. */
export const OWNERSHIPS = ['opened', 'adopted', 'foreign'] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/** `closing`: a disconnect was begun and its end is not confirmed. `unknown`: nobody could be asked, or a crash left it open. */
export const SESSION_STATES = [
  'live',
  'detached',
  'broken',
  'expired',
  'closing',
  'closed',
  'unknown',
] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** Enough to find a session again, here or in another process. */
export interface SessionRef {
  readonly provider: string;
  readonly endpoint: string;
  /** Unique within `endpoint` only. Never a token: where the system's id is the token, a number of ours. */
  readonly id: string;
}

export interface Session extends SessionRef {
  /** `connection`, `shell`, `desktop` ...: what it is, in the provider's words. */
  readonly kind: string;
  /** What a person would call it: `jdoe on SERVER01`. */
  readonly label: string;
  /** Whose it is, as the system names them: `CONTOSO\jdoe`. */
  readonly principal?: string | undefined;
  readonly state: SessionState;
  readonly ownership: Ownership;
  /** What can be done to it, the default first; empty where the system lets nobody end it this way. */
  readonly effects: readonly Effect[];
  /** Changes when the server reuses `id`; random or a keyed hash, never a secret. */
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly openedAt?: string | undefined;
  /** RFC 3339: when the system ends it by itself, where that is known. */
  readonly expiresAt?: string | undefined;
  /** The own session that stands for this provider when none is named. */
  readonly isDefault?: boolean | undefined;
  /** The session this very process runs in: skipped unless it is named. */
  readonly isCaller?: boolean | undefined;
  /** Facts for people and filters; never secrets. */
  readonly details: JsonObject;
}

/** One string for one session, to be used as a key in maps. Endpoints compare without regard to case, as host names do. */
export function sessionKey(ref: SessionRef): string {
  return JSON.stringify([ref.provider, ref.endpoint.toLowerCase(), ref.id]);
}
