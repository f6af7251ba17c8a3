import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { createAuthority, type Authority } from '@slipline/testkit';
import { FakeAppliance, type FakeApplianceOptions } from './fake-appliance.ts';

let shared: Promise<Authority> | undefined;

export function authority(): Promise<Authority> {
  shared ??= createAuthority();
  return shared;
}

export async function identity(commonName = 'appliance') {
  return (await authority()).issue({ commonName, names: ['localhost', '127.0.0.1'] });
}

export async function startAppliance(options: Partial<FakeApplianceOptions> = {}): Promise<FakeAppliance> {
  return FakeAppliance.start({ certificate: await identity(), ...options });
}

/** A clock that stands still until it is moved. */
export function standingClock(now = Date.UTC(2026, 0, 1)) {
  return {
    now: () => now,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly sessionId?: string | undefined;
  /** The highest the appliance knows when absent; null for no header. */
  readonly version?: number | string | null | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, without a content type. */
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly tls?: RequestOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as an object; throws if it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** One request by `node:https` over a connection of its own, or those of `tls.agent`. */
export async function call(
  appliance: FakeAppliance,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Reply> {
  const { token, sessionId, version = appliance.settings.currentVersion, json, signal } = options;
  const body = json === undefined ? options.body : JSON.stringify(json);
  const headers = {
    ...(version === null ? {} : { 'X-API-Version': String(version) }),
    ...(token === undefined ? {} : { auth: token }),
    ...(sessionId === undefined ? {} : { 'Session-ID': sessionId }),
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    // Node frames the body of a DELETE only when told its length.
    ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...options.headers,
  };
  const { certificate: ca } = await authority();
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port: appliance.port, ca, agent: false, ...options.tls };
    const outgoing = request({ ...target, method, path, headers, ...(signal && { signal }) }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => resolve(replyOf(incoming.statusCode ?? 0, incoming.headers, chunks)));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function replyOf(status: number, headers: IncomingHttpHeaders, chunks: readonly Buffer[]): Reply {
  const text = Buffer.concat(chunks).toString();
  return {
    status,
    headers,
    text,
    get json() {
      return JSON.parse(text) as Reply['json'];
    },
  };
}

export const CREDENTIALS = { userName: 'Administrator', password: 'fake-password' };

/** Logs in and gives the token. */
export async function logIn(
  appliance: FakeAppliance,
  body: object = {},
  options: CallOptions = {},
): Promise<string> {
  const reply = await call(appliance, 'POST', '/rest/login-sessions', {
    json: { ...CREDENTIALS, ...body },
    ...options,
  });
  if (reply.status !== 200) throw new Error(`login failed: ${reply.status} ${reply.text}`);
  return String(reply.json['sessionID']);
}

export function logOut(appliance: FakeAppliance, token: string, options: CallOptions = {}): Promise<Reply> {
  return call(appliance, 'DELETE', '/rest/login-sessions', { token, ...options });
}

/** Whether the session is alive, as the appliance tells who asks for it. */
export async function probe(appliance: FakeAppliance, token: string): Promise<number> {
  return (await call(appliance, 'GET', '/rest/sessions', { token, sessionId: token })).status;
}

/** The code a failed call fails with, as in `ECONNRESET`. */
export async function failureOf(pending: Promise<unknown>): Promise<string> {
  try {
    await pending;
    return 'none';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

export function keepAlive(): Agent {
  return new Agent({ keepAlive: true });
}
