import type { RequestTarget } from '@slipline/fake-http';
import type { ApplianceState } from './appliance-state.ts';
import type { Session } from './session-store.ts';

/** One request, read whole. */
export interface Call extends RequestTarget {
  readonly body: string;
  readonly clientAddress: string;
  /** The common name in the client's TLS certificate, if it sent one that the smart-card authority signed. */
  certificateName(): string | undefined;
}

/** One response, before any fault spoils it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** What a path does, and what it asks of the caller before it does it. */
export type Route =
  | { readonly access: 'anonymous'; readonly handle: (call: Call, appliance: ApplianceState) => Answer }
  | {
      /** `token`: a live one in `auth`. `session-id`: a live one in `Session-ID`, which is not renewed by the call. */
      readonly access: 'token' | 'session-id';
      readonly handle: (call: Call, appliance: ApplianceState, session: Session) => Answer;
    };

/** Routes by method and path, as in `GET /rest/version`. */
export type Routes = Readonly<Record<string, Route>>;

const JSON_HEADERS = { 'content-type': 'application/json;charset=UTF-8' };

export function json(value: unknown, status = 200): Answer {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(value) };
}

/** A header's value, where it was sent once and is not empty. */
export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The body as an object; `undefined` where it is not JSON or is something else. */
export function jsonObject(call: Call): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(call.body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
