import type { IncomingMessage } from 'node:http';

const LIMIT = 1024 * 1024;

/** Calls `done` once with the whole body, or with `undefined` when it is too large; never, if the client goes away. */
export function readBody(request: IncomingMessage, done: (body: string | undefined) => void): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) {
    done('');
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LIMIT) chunks.push(chunk);
  });
  request.once('end', () => done(size <= LIMIT ? Buffer.concat(chunks).toString() : undefined));
  request.on('error', () => undefined);
}
