import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { randomUUID } from 'node:crypto';
import { DisconnectError, type Logger } from '@slipline/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorFrom, ProblemError, problemOf, statusOf } from './problem.ts';

const MEDIA_TYPE = 'application/problem+json';

/** Every error becomes a problem document; those that nobody foresaw are logged whole, and say nothing of themselves. */
export function handleErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = errorFrom(thrown);
    if (error.code === 'internal')
      log.error('request failed', { request: request.id, error: error.cause ?? error });
    return sendProblem(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new DisconnectError('not-found', `there is no ${request.method} of this address`, {
        next: 'see /openapi.json for what can be asked',
      }),
      request,
      reply,
    ),
  );
}

function sendProblem(error: DisconnectError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = statusOf(error);
  if (error instanceof ProblemError && error.retryAfter !== undefined)
    reply.header('retry-after', error.retryAfter);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="slipline"');
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type(MEDIA_TYPE)
    .serializer(JSON.stringify)
    .send(problemOf(error, request.id));
}

/** For a URL that cannot be read, before any hook has run. */
export function refuseEarly(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff').header('content-security-policy', "default-src 'none'");
  void sendProblem(errorFrom(thrown), request, reply);
}

/** For what is not HTTP, comes too slowly or has too large a head: there is a socket and no request. */
export function refuseClient(thrown: Error, socket: Socket): void {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const [status, what] =
    code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'the head of the request is too large']
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'the request did not come to its end in time']
        : [400, 'this is not HTTP that can be understood'];
  const body = JSON.stringify(problemOf(new ProblemError(status, 'invalid-request', what), randomUUID()));
  if (!socket.writable) return;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
