import type { IncomingHttpHeaders } from 'node:http';
import type { RequestRecord } from '@slipline/fake-http';

/** A request as the server received it, secrets and all. */
export interface RecordedRequest extends RequestRecord {
  readonly method: string;
  /** Without query and without a slash at the end. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body's fields, where it is a form. */
  readonly form: URLSearchParams;
  /** The server's time, in milliseconds. */
  readonly at: number;
}

/** Which requests are meant; all of them where nothing is said. */
export interface RequestMatch {
  readonly method?: string | undefined;
  /** How the path ends, as in `/oauth2/v2.0/token`. */
  readonly path?: string | undefined;
}

export function isMatch(
  request: RecordedRequest,
  { method = request.method, path = '' }: RequestMatch,
): boolean {
  return request.method === method && request.path.endsWith(path);
}
