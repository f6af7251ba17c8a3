/** One session as the server keeps it. */
export interface ServedSession {
  readonly client: string;
  readonly user: string;
  readonly opens: number;
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly lastUsed: number;
}

export interface NewFileSession {
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly opens?: number | undefined;
  /** Milliseconds ago. */
  readonly begun?: number | undefined;
  readonly lastUsed?: number | undefined;
}

/** What a file server knows of its sessions, and who may know and end them. */
export class FileSessions {
  /** Sessions of one answer. */
  pageSize = 100;
  /** Levels that it has; Samba has neither 10 nor 502. */
  levels: ReadonlySet<number> = new Set([1, 10, 502]);
  /** Answers that a session was ended, and ends none. */
  lies = false;
  endRequests = 0;
  readonly #all = new Set<ServedSession>();
  readonly #administrators: ReadonlySet<string>;
  readonly #now: () => number;

  constructor(administrators: readonly string[], now: () => number) {
    this.#administrators = new Set(administrators);
    this.#now = now;
  }

  get all(): readonly ServedSession[] {
    return [...this.#all];
  }

  open({ client = '192.0.2.117', user = 'jdoe', opens = 0, ...ago }: NewFileSession = {}): ServedSession {
    const now = this.#now();
    const begun = now - (ago.begun ?? 3_600_000);
    const session = { client, user, opens, begun, lastUsed: now - (ago.lastUsed ?? 0) };
    this.#all.add(session);
    return session;
  }

  close(session: ServedSession): void {
    this.#all.delete(session);
  }

  has(session: ServedSession): boolean {
    return this.#all.has(session);
  }

  isAdministrator(userName: string): boolean {
    return this.#administrators.has(userName.toLowerCase());
  }

  /** Those of this client and this user; nothing stands for all. */
  matching(client: string | undefined, user: string | undefined): readonly ServedSession[] {
    const same = (wanted: string | undefined, name: string): boolean =>
      wanted === undefined || wanted.toLowerCase() === name.toLowerCase();
    return this.all.filter((session) => same(client, session.client) && same(user, session.user));
  }

  timed(session: ServedSession) {
    const ago = (moment: number): number => Math.floor((this.#now() - moment) / 1000);
    return { ...session, seconds: ago(session.begun), idle: ago(session.lastUsed) };
  }
}
