import { MsrpcError, type RpcConnection } from '@slipline/msrpc';
import { SRVSVC } from './srvsvc.ts';

/** One row of the server's list. Times are seconds; what a level does not tell is absent. */
export interface ListedSession {
  /** Name or address, without the backslashes in front. */
  readonly client: string;
  readonly user: string;
  readonly activeSeconds: number;
  readonly idleSeconds: number;
  readonly opens?: number | undefined;
  readonly clientType?: string | undefined;
  readonly transport?: string | undefined;
}

/** A NET_API_STATUS other than success. */
export class ServerError extends Error {
  readonly operation: string;
  readonly status: number;

  constructor(operation: string, status: number) {
    super(`${operation} answers ${status}`);
    this.operation = operation;
    this.status = status;
  }
}

export const ACCESS_DENIED = 5;
const MORE_DATA = 234;
const INVALID_LEVEL = 124;
const GONE: ReadonlySet<number> = new Set([2312, 2221]);

/** All that administrators may see, what Samba has of it, and what others may see. */
const LEVELS = [502, 1, 10] as const;
type Level = (typeof LEVELS)[number];

const PAGE_OCTETS = 0x1_0000;
const MOST_PAGES = 256;
const MOST_SESSIONS = 100_000;
const MOST_CHARACTERS = 1024;

/** Sessions of one file server, over a bound `srvsvc`. Throws `ServerError` and `MsrpcError`. */
export class SmbSessionsClient {
  readonly #rpc: RpcConnection;

  constructor(rpc: RpcConnection) {
    this.#rpc = rpc;
  }

  /** Every session, as fully as the server and the user's rights allow. */
  async list(signal: AbortSignal): Promise<readonly ListedSession[]> {
    let refusal: ServerError | undefined;
    for (const level of LEVELS) {
      try {
        return await this.#all(level, signal);
      } catch (error) {
        if (!(error instanceof ServerError) || ![ACCESS_DENIED, INVALID_LEVEL].includes(error.status))
          throw error;
        if (refusal?.status !== ACCESS_DENIED) refusal = error;
      }
    }
    throw refusal!;
  }

  /** Ends every session that this user has from this client; both must be named, since a blank stands for all. */
  async end(client: string, user: string, signal: AbortSignal): Promise<'done' | 'gone'> {
    if (client === '' || user === '')
      throw new MsrpcError('invalid-arguments', 'a session is named by its client and its user');
    const request = { server: null, client: `\\\\${client}`, user };
    const { status } = await this.#rpc.call(SRVSVC, 'NetrSessionDel', request, { signal });
    if (GONE.has(status)) return 'gone';
    if (status !== 0) throw new ServerError('NetrSessionDel', status);
    return 'done';
  }

  async #all(level: Level, signal: AbortSignal): Promise<readonly ListedSession[]> {
    const all: ListedSession[] = [];
    let resume = 0;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.#page(level, resume, signal);
      all.push(...answer.rows);
      if (all.length > MOST_SESSIONS) throw tooMany();
      if (answer.next === undefined) return all;
      if (answer.next === resume || answer.rows.length === 0) throw lie('a list does not come to its end');
      resume = answer.next;
    }
    throw tooMany();
  }

  async #page(level: Level, resume: number, signal: AbortSignal) {
    const request = {
      server: null,
      client: null,
      user: null,
      level,
      sessions: { kind: level, value: { count: 0, buffer: null } },
      most: PAGE_OCTETS,
      resume,
    };
    const answer = await this.#rpc.call(SRVSVC, 'NetrSessionEnum', request, { signal });
    const { status, sessions } = answer;
    if (status !== 0 && status !== MORE_DATA) throw new ServerError('NetrSessionEnum', status);
    if (answer.level !== level || sessions.kind !== level) throw lie('a list is of another level');
    const rows = sessions.value?.buffer ?? [];
    if ((sessions.value?.count ?? 0) !== rows.length) throw lie('a list is not as long as it says');
    if (status === MORE_DATA && answer.resume === null) throw lie('a list that goes on does not say where');
    return { rows: rows.map(readRow), next: status === MORE_DATA ? (answer.resume ?? 0) : undefined };
  }
}

interface Row {
  readonly client: string | null;
  readonly user: string | null;
  readonly time: number;
  readonly idleTime: number;
  readonly opens?: number;
  readonly clientType?: string | null;
  readonly transport?: string | null;
}

function readRow({ time, idleTime, opens, ...row }: Row): ListedSession {
  const client = text(row.client).replace(/^\\\\/, '');
  if (client.includes('\\')) throw lie('a client has a name that no computer has');
  const clientType = text(row.clientType);
  const transport = text(row.transport);
  return {
    client,
    user: text(row.user),
    activeSeconds: time,
    idleSeconds: idleTime,
    ...(opens !== undefined && { opens }),
    ...(clientType !== '' && { clientType }),
    ...(transport !== '' && { transport }),
  };
}

function text(value: string | null | undefined): string {
  if ((value?.length ?? 0) > MOST_CHARACTERS) throw lie('a name is longer than any name');
  return value ?? '';
}

function lie(what: string): MsrpcError {
  return new MsrpcError('bad-answer', what);
}

function tooMany(): MsrpcError {
  return new MsrpcError('too-large', 'a list is longer than any server has sessions');
}
