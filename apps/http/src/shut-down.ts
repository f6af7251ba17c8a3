import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Services } from './services.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers that have not come to their end. */
    underWay: ReadonlySet<ServerResponse>;
  }
}

/** Milliseconds between two looks at what is under way. */
const PAUSE = 50;

/** Keeps count of what a shutdown has to wait for. */
export function trackRequests(app: FastifyInstance): void {
  const underWay = new Set<ServerResponse>();
  app.decorate('underWay', underWay);
  app.server.on('request', (_request, response: ServerResponse) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
  });
}

/**
 * No more connections; the services end streams of events and park jobs; answers that are under way have `grace` milliseconds
 * to come to their end. Connections on which nothing is asked are cut off.
 */
export async function shutDown(app: FastifyInstance, services: Services, grace: number): Promise<void> {
  const closing = app.close();
  await services[Symbol.asyncDispose]();
  const late = setTimeout(() => app.server.closeAllConnections(), grace);
  const look = setInterval(() => {
    if (app.underWay.size === 0) app.server.closeAllConnections();
  }, PAUSE);
  await closing;
  clearInterval(look);
  clearTimeout(late);
}
