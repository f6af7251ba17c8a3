import type { Logger } from '@slipline/core';
import type { FastifyInstance } from 'fastify';

/** One line for each answer. Never a header, a body or a query: they may hold what is nobody's business. */
export function logRequests(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    log.info('request', {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url ?? '',
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime * 10) / 10,
      address: request.ip,
      ...(request.identity !== null && { user: request.identity.who.user }),
    });
  });
}
