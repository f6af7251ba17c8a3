import type { IncomingMessage } from 'node:http';

/** What the HTTP layer takes at most; the service itself allows far less. */
const LIMIT = 4 * 1024 * 1024;

/** Hands over the whole body, or nothing where it is too large. */
export function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LIMIT) chunks.push(chunk);
  });
  request.on('end', () => done(size > LIMIT ? undefined : Buffer.concat(chunks)));
}
