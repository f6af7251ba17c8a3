import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What a request asks for, before its body. */
export interface RequestTarget {
  readonly method: string;
  /** Without query and without a slash at the end. */
  readonly path: string;
  /** Without the question mark; empty where there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

export function readTarget({ method = '', url = '', headers }: IncomingMessage): RequestTarget {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return {
    method,
    path: path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path,
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers,
  };
}
