import type { RequestRecord, RequestTarget } from '@slipline/fake-http';

/** A request as the appliance received it, secrets and all. */
export interface RecordedRequest extends RequestTarget, RequestRecord {
  readonly body: string;
  /** The appliance's time, in milliseconds. */
  readonly at: number;
}

/** Which requests are meant; all of them where nothing is said. */
export interface RequestMatch {
  readonly method?: string | undefined;
  /** Without query, as in `/rest/login-sessions`. */
  readonly path?: string | undefined;
}

export function isMatch(
  request: RecordedRequest,
  { method = request.method, path = request.path }: RequestMatch,
): boolean {
  return request.method === method && request.path === path;
}
