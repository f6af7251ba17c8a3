import type { IncomingHttpHeaders } from 'node:http';

/** One request, read whole. */
export interface Call {
  readonly method: string;
  /** Without query and without a slash at the end. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What is to be wrong with the tokens that this call issues. */
  readonly forgery?: Forgery | undefined;
}

/** A lie in what the token endpoint issues; see `faults.forge`. */
export type Forgery =
  'tenant' | 'account' | 'issuer' | 'audience' | 'nonce' | 'id-token' | 'opaque-token' | 'expired-token';

/** One response, before any fault spoils it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

export function json(value: unknown, status = 200): Answer {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(value) };
}

export function html(body: string, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not a real system</title></head><body>${body}</body></html>`,
  };
}

export function plainText(body: string, status = 200): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export function redirect(location: string): Answer {
  return { status: 302, headers: { location, 'cache-control': 'no-store' } };
}

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** The body as a form; `undefined` where the request does not say that it is one. */
export function form(call: Call): URLSearchParams | undefined {
  const mediaType = call.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return mediaType === 'application/x-www-form-urlencoded' ? new URLSearchParams(call.body) : undefined;
}
