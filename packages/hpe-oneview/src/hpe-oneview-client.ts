import { isIPv4 } from 'node:net';
import { DisconnectError, plainText, Secret } from '@slipline/core';
import { withoutEffect } from './hpe-oneview-errors.ts';
import type { Login, LoginDetails, LoginMessage } from './hpe-oneview-login.ts';
import {
  ApplianceError,
  integer,
  isObject,
  readReply,
  text,
  time,
  type Fields,
  type Operation,
  type Reply,
} from './hpe-oneview-reply.ts';
import type { ApplianceVersions } from './hpe-oneview-versions.ts';

/** What an appliance says of the session that a token stands for. */
export interface SessionFacts {
  readonly userName?: string | undefined;
  readonly loginDomain?: string | undefined;
  readonly clientHost?: string | undefined;
  /** Names the session in logs; the same in the list of active sessions. */
  readonly loggingId?: string | undefined;
}

/** A member of the list of active sessions. Nothing in it can end a session. */
export interface ActiveSession extends SessionFacts {
  /** RFC 3339, by the appliance's clock. */
  readonly createdAt?: string | undefined;
  readonly usedAt?: string | undefined;
}

/** How far an appliance has started. */
export interface Startup {
  readonly isDone: boolean;
  readonly percent: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MOST_DOMAINS = 1000;
const MOST_PAGES = 100;
const MOST_MEMBERS = 10_000;
const VERSION = '/rest/version';
const LIST = '/rest/active-user-sessions';

interface Call {
  readonly method?: 'POST' | 'DELETE';
  readonly token?: Secret;
  /** Also say by `Session-ID` which session is meant. */
  readonly isAboutSession?: boolean;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/**
 * The REST API of one appliance as far as sessions go, one method for each operation. They throw `ApplianceError` for an
 * answer that is not what was asked for; what `fetch` throws of the network passes through.
 */
export class OneViewClient {
  readonly #fetch: typeof fetch;
  readonly #endpoint: string;
  readonly #origin: string;
  /** X-API-Version; only `versions` and `startup` can do without. */
  readonly version: number | undefined;

  /** `endpoint` is a host or host:port. `fetch` bounds the size of answers and follows no redirect. */
  constructor(fetcher: typeof fetch, endpoint: string, version?: number) {
    this.#fetch = fetcher;
    this.#endpoint = endpoint;
    this.#origin = originOf(endpoint);
    this.version = version;
  }

  speaking(version: number): OneViewClient {
    return new OneViewClient(this.#fetch, this.#endpoint, version);
  }

  async versions(signal: AbortSignal): Promise<ApplianceVersions> {
    const reply = await this.#call(VERSION, { signal });
    const currentVersion = integer(reply.fields['currentVersion'], 1, 1_000_000);
    const minimumVersion = integer(reply.fields['minimumVersion'], 1, currentVersion ?? 1);
    if (reply.status === 200 && currentVersion !== undefined && minimumVersion !== undefined)
      return { currentVersion, minimumVersion };
    throw new ApplianceError('version', reply);
  }

  async loginDetails(signal: AbortSignal): Promise<LoginDetails> {
    const fields = expected(await this.#call('/rest/logindetails', { signal }), 'login-details');
    const domains = fields['configuredLoginDomains'];
    const names = (Array.isArray(domains) ? (domains as unknown[]) : [])
      .slice(0, MOST_DOMAINS)
      .map((domain) => (isObject(domain) ? text(domain['name']) : undefined));
    return {
      loginDomains: names.filter((name) => name !== undefined),
      defaultLoginDomain: text(fields['defaultLoginDomain']),
      // Releases from 4.20 on have the second name, 4.10 only the first.
      loginMessage: joined(message(fields['loginMessageVersion600']), message(fields['loginMessage'])),
    };
  }

  /** Opens a session and gives its token. */
  async logIn(login: Login, signal: AbortSignal): Promise<Secret> {
    const { userName, authLoginDomain, password, isMessageAcknowledged } = login;
    const body = {
      userName,
      password: password.reveal(),
      ...(authLoginDomain !== undefined && { authLoginDomain }),
      ...(isMessageAcknowledged && { loginMsgAck: true }),
    };
    const reply = await this.#call('/rest/login-sessions', { method: 'POST', body, signal });
    const token = tokenOf(reply.fields['sessionID']);
    if (reply.status !== 200 || token === undefined) throw new ApplianceError('login', reply, [password]);
    return token;
  }

  /** Asks to end the session. What the answer means is for the caller to tell: several say that it is gone already. */
  async logOut(token: Secret, signal: AbortSignal): Promise<Reply> {
    return this.#call('/rest/login-sessions', { method: 'DELETE', token, signal });
  }

  /** Looks whether the session lives, which does not renew it; `undefined` says that it is gone. */
  async session(token: Secret, signal: AbortSignal): Promise<SessionFacts | undefined> {
    const reply = await this.#call('/rest/sessions', { token, isAboutSession: true, signal });
    if (reply.status === 404 && reply.body !== 'other') return undefined;
    return factsOf(expected(reply, 'session', [token]), token);
  }

  /** In minutes. */
  async idleTimeout(token: Secret, signal: AbortSignal): Promise<number> {
    const reply = await this.#call('/rest/sessions/idle-timeout', { token, isAboutSession: true, signal });
    const milliseconds = integer(expected(reply, 'idle-timeout', [token])['idleTimeout'], 1, DAY);
    if (milliseconds === undefined) throw new ApplianceError('idle-timeout', reply, [token]);
    return milliseconds / MINUTE;
  }

  /** Throws unless the appliance confirms just this time-out. */
  async setIdleTimeout(token: Secret, minutes: number, signal: AbortSignal): Promise<void> {
    const idleTimeout = minutes * MINUTE;
    const call = { method: 'POST', body: { idleTimeout }, token, isAboutSession: true, signal } as const;
    const reply = await this.#call('/rest/sessions/idle-timeout', call);
    if (expected(reply, 'idle-timeout', [token])['idleTimeout'] !== idleTimeout)
      throw new ApplianceError('idle-timeout', reply, [token]);
  }

  /** Everybody's sessions. Needs a right that not every user has: 401 or 403 else. It renews the session of `token`. */
  async activeSessions(token: Secret, signal: AbortSignal): Promise<readonly ActiveSession[]> {
    const members: ActiveSession[] = [];
    let path: string | undefined = `${LIST}?start=0&count=500`;
    for (let page = 1; path !== undefined; page += 1) {
      const reply: Reply = await this.#call(path, { token, signal });
      const { members: list, nextPageUri } = expected(reply, 'active-sessions', [token]);
      path = this.#nextPage(nextPageUri);
      const isTooMuch = page > MOST_PAGES || members.length > MOST_MEMBERS;
      if (!Array.isArray(list) || (list.length === 0 && path !== undefined) || isTooMuch)
        throw new ApplianceError('active-sessions', reply, [token]);
      members.push(...(list as unknown[]).filter(isObject).map((fields) => activeSession(fields, token)));
    }
    return members;
  }

  /** Whether the appliance is ready for other requests. */
  async startup(signal: AbortSignal): Promise<Startup> {
    const reply = await this.#call('/rest/appliance/progress', { signal });
    const total = integer(reply.fields['totalComponents'], 1, 1_000_000) ?? 0;
    const complete = integer(reply.fields['completeComponents'], 0, total) ?? 0;
    const isDone = reply.status === 200 && total > 0 && complete === total;
    return { isDone, percent: total === 0 ? 0 : Math.floor((100 * complete) / total) };
  }

  /** Only ever a page of the same list: an appliance cannot send the token elsewhere. */
  #nextPage(uri: unknown): string | undefined {
    if (typeof uri !== 'string' || uri === '' || uri.length > 2000) return undefined;
    if (!URL.canParse(uri, this.#origin)) return undefined;
    const { origin, pathname, search } = new URL(uri, this.#origin);
    return origin === new URL(this.#origin).origin && pathname === LIST ? `${LIST}${search}` : undefined;
  }

  async #call(path: string, { method, token, isAboutSession, body, signal }: Call): Promise<Reply> {
    const headers: Record<string, string> = { accept: 'application/json', 'accept-language': 'en-US' };
    if (this.version !== undefined && path !== VERSION) headers['x-api-version'] = String(this.version);
    if (token !== undefined) headers['auth'] = token.reveal();
    if (token !== undefined && isAboutSession === true) headers['session-id'] = token.reveal();
    // Libraries 4.10 and 4.20 send it with a logout, later ones do not.
    if (method === 'DELETE' && (this.version ?? 0) < 1200) headers['if-match'] = '*';
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      const response = await this.#fetch(`${this.#origin}${path}`, {
        method: method ?? 'GET',
        headers,
        redirect: 'manual',
        signal,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return await readReply(response);
    } catch (error) {
      // A GET changes nothing, whatever became of it.
      throw method === undefined ? withoutEffect(error) : error;
    }
  }
}

/** Refuses what a URL would take for something else, such as the host `10`, which is the address 0.0.0.10 there. */
function originOf(endpoint: string): string {
  const origin = `https://${endpoint}`;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  const isPlain =
    url !== undefined && `${url.username}${url.search}${url.hash}` === '' && url.pathname === '/';
  if (isPlain && (!isIPv4(url.hostname) || endpoint.startsWith(url.hostname))) return origin;
  throw new DisconnectError('invalid-request', `"${plainText(endpoint, 80)}" does not name an appliance`, {
    next: 'write it as HOST or HOST:PORT; an IPv6 address stands in brackets',
  });
}

function expected(reply: Reply, operation: Operation, secrets: readonly Secret[] = []): Fields {
  if (reply.status === 200 && reply.body === 'object' && reply.fields['errorCode'] === undefined)
    return reply.fields;
  throw new ApplianceError(operation, reply, secrets);
}

/** Opaque, but it has to fit into a header. */
export function tokenOf(value: unknown): Secret | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value) ? new Secret(value) : undefined;
}

function message(value: unknown): LoginMessage {
  const fields = isObject(value) ? value : {};
  return { text: text(fields['message'], 2000) ?? '', mustBeAcknowledged: fields['acknowledgment'] === true };
}

function joined(one: LoginMessage, other: LoginMessage): LoginMessage {
  return {
    text: one.text === '' ? other.text : one.text,
    mustBeAcknowledged: one.mustBeAcknowledged || other.mustBeAcknowledged,
  };
}

/** A field that repeats the token is left out: facts are shown. */
function factsOf(fields: Fields, token: Secret): SessionFacts {
  const fact = (name: string): string | undefined => {
    const value = text(fields[name]);
    return value?.includes(token.reveal()) === true ? undefined : value;
  };
  return {
    userName: fact('username') ?? fact('userName'),
    loginDomain: fact('loginDomain'),
    clientHost: fact('clientHost'),
    loggingId: fact('loggingID'),
  };
}

function activeSession(fields: Fields, token: Secret): ActiveSession {
  const { timeCreated, timeAccessed } = fields;
  return { ...factsOf(fields, token), createdAt: time(timeCreated), usedAt: time(timeAccessed) };
}
