import type { IncomingMessage } from 'node:http';

/**
 * Calls `done` once with the whole body, or with `undefined` where it is larger than `limit` octets, which is read to its end and
 * not kept; never, if the client goes away before.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  done: (body: Buffer | undefined) => void,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) {
    done(Buffer.alloc(0));
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  });
  request.once('end', () => done(size <= limit ? Buffer.concat(chunks) : undefined));
  request.on('error', () => undefined);
}
