import type { FastifyInstance } from 'fastify';
import type { Services } from '../services.ts';

/** One line and one count for each answer. Never a header, a body or a query: they may hold what is nobody's business. */
export function observeRequests(
  app: FastifyInstance,
  { log, metrics }: Pick<Services, 'log' | 'metrics'>,
): void {
  app.addHook('onResponse', async (request, reply) => {
    const { id, method, ip, identity } = request;
    const { url: route = '' } = request.routeOptions;
    const { statusCode: status, elapsedTime } = reply;
    // How long a stream of events was open says nothing of how fast the service is.
    const isStream = String(reply.getHeader('content-type')).startsWith('text/event-stream');
    if (!isStream) metrics.request(method, route, status, elapsedTime / 1000);
    log.info('request', {
      request: id,
      method,
      route,
      status,
      milliseconds: Math.round(elapsedTime * 10) / 10,
      address: ip,
      ...(identity !== null && { user: identity.who.user }),
    });
  });
}
