import type { Logger } from '@slipline/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../problem.ts';
import type { Answer, IdempotencyStore } from './idempotency-store.ts';

export interface OnceOptions {
  /** What had come of a request that the service died of, where that can be known. */
  readonly recall?: ((name: string) => Answer | undefined) | undefined;
}

/** The header of routes that go through `once`. */
export const idempotencyHeader = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description:
        'Names this request for 24 hours: sent again with the same body it is answered, not done, again.',
    },
  },
} as const;

/** Answers with what `work` makes, or, for a request that was made before, with what it made then. `work` is given the
 *  name of the request, where it has one. */
export async function once(
  { idempotency: store, log }: { readonly idempotency: IdempotencyStore; readonly log: Logger },
  request: FastifyRequest,
  reply: FastifyReply,
  work: (name?: string) => Promise<Answer>,
  { recall }: OnceOptions = {},
): Promise<FastifyReply> {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string') return send(reply, await work());
  const { url = '' } = request.routeOptions;
  const { body } = request;
  const earlier = await store.begin({ user: request.who.user, route: `${request.method} ${url}`, key, body });
  if (earlier.state === 'answered') return send(reply.header('idempotency-replayed', 'true'), earlier.answer);
  const { name } = earlier;
  if (earlier.state === 'lost') {
    const recalled = recall?.(name);
    if (recalled === undefined) throw lost();
    return send(reply.header('idempotency-replayed', 'true'), recalled);
  }
  let answer: Answer;
  try {
    answer = await work(name);
  } catch (error) {
    await store.release(name);
    throw error;
  }
  // It is done: that it cannot be noted must not make it look as if it were not.
  await store
    .finish(name, body, answer)
    .catch((error: unknown) =>
      log.warn('an answer is not kept', { request: request.id, error: String(error) }),
    );
  return send(reply, answer);
}

function send(reply: FastifyReply, { status, location, body }: Answer): FastifyReply {
  if (location !== undefined) reply.header('location', location);
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}

function lost(): ProblemError {
  return new ProblemError(
    409,
    'changed',
    'the service stopped while it was at the request with this Idempotency-Key',
    { next: 'look at what came of it, and use a new key' },
  );
}
