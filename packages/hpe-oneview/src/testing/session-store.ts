import { randomBytes } from 'node:crypto';

export interface Permission {
  readonly roleName: string;
  /** The scope the role is limited to; null when to none. */
  readonly scopeUri: string | null;
  readonly active: boolean;
}

/** Whose session it is, and from where. */
export interface SessionOwner {
  readonly userName: string;
  readonly loginDomain: string;
  readonly clientAddress: string;
  readonly permissions: readonly Permission[];
}

export type SessionEnding = 'logout' | 'idle' | 'rotated' | 'removed';

/** What the server knows of a session. Times are those of the appliance's clock, in milliseconds. */
export interface Session extends SessionOwner {
  readonly token: string;
  readonly loggingId: string;
  readonly created: number;
  readonly accessed: number;
  readonly idleMs: number;
  /** Absent while the session is open. */
  readonly endedAt?: number;
  readonly endedBy?: SessionEnding;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ENDED_LIMIT = 1000;

/** The sessions of one appliance. Those idle for too long are gone, whenever anybody looks. */
export class SessionStore {
  readonly #now: () => number;
  readonly #open = new Map<string, Mutable<Session>>();
  readonly #perClient = new Map<string, number>();
  readonly #ended: Session[] = [];
  /** No open session can expire before this; saves a walk over all of them. */
  #earliestExpiry = Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  open(owner: SessionOwner, idleMs: number): Session {
    const now = this.#now();
    const token = newToken();
    const loggingId = token.slice(-8);
    const session: Session = { ...owner, token, loggingId, created: now, accessed: now, idleMs };
    this.#open.set(token, session);
    this.#perClient.set(owner.clientAddress, (this.#perClient.get(owner.clientAddress) ?? 0) + 1);
    this.#earliestExpiry = Math.min(this.#earliestExpiry, now + idleMs);
    return session;
  }

  /** The open session with this token; looking does not renew it. */
  find(token: string | undefined): Session | undefined {
    const session = token === undefined ? undefined : this.#open.get(token);
    if (session === undefined || this.#now() - session.accessed < session.idleMs) return session;
    this.end(session.token, 'idle');
    return undefined;
  }

  /** As `find`, and the idle time starts anew. */
  touch(token: string | undefined): Session | undefined {
    const session = this.find(token) as Mutable<Session> | undefined;
    if (session !== undefined) session.accessed = this.#now();
    return session;
  }

  setIdleTimeout(token: string, idleMs: number): void {
    const session = this.touch(token) as Mutable<Session> | undefined;
    if (session === undefined) return;
    session.idleMs = idleMs;
    this.#earliestExpiry = Math.min(this.#earliestExpiry, session.accessed + idleMs);
  }

  /** Whether there was such an open session to end. */
  end(token: string, endedBy: SessionEnding): boolean {
    const session = this.#open.get(token);
    if (session === undefined) return false;
    this.#open.delete(token);
    const remaining = (this.#perClient.get(session.clientAddress) ?? 1) - 1;
    if (remaining === 0) this.#perClient.delete(session.clientAddress);
    else this.#perClient.set(session.clientAddress, remaining);
    this.#ended.push({ ...session, endedAt: this.#now(), endedBy });
    if (this.#ended.length >= 2 * ENDED_LIMIT) this.#ended.splice(0, ENDED_LIMIT);
    return true;
  }

  get openCount(): number {
    this.#sweep();
    return this.#open.size;
  }

  openCountOf(clientAddress: string): number {
    this.#sweep();
    return this.#perClient.get(clientAddress) ?? 0;
  }

  /** Open sessions, oldest first. */
  openSessions(): readonly Session[] {
    this.#sweep();
    return [...this.#open.values()];
  }

  /** Copies of the sessions that ended, at least the last thousand, and of the open ones. */
  snapshot(): readonly Session[] {
    const open = this.openSessions().map((session) => ({ ...session }));
    return [...this.#ended, ...open];
  }

  #sweep(): void {
    const now = this.#now();
    if (now < this.#earliestExpiry) return;
    this.#earliestExpiry = Infinity;
    for (const { token, accessed, idleMs } of this.#open.values()) {
      if (now - accessed >= idleMs) this.end(token, 'idle');
      else this.#earliestExpiry = Math.min(this.#earliestExpiry, accessed + idleMs);
    }
  }
}

/** 48 characters as appliances make them: a signed decimal of 12 characters in base64, then 24 random bytes in base64url. */
function newToken(): string {
  const random = randomBytes(30);
  const decimal = `-${String(random.readUIntBE(24, 6) % 1e11).padStart(11, '0')}`;
  return Buffer.from(decimal).toString('base64') + random.toString('base64url', 0, 24);
}
