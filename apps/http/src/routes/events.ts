import type { FastifyInstance } from 'fastify';
import { eventId, listenerOf, STREAM_HEADERS } from '../events/frame.ts';
import { responses } from '../schemas/responses.ts';
import { eventStream, lastEventId } from '../schemas/work.ts';
import { ROLES } from '../security/who.ts';
import type { Services } from '../services.ts';

export function eventRoutes(app: FastifyInstance, { events }: Services): void {
  app.route({
    method: 'GET',
    url: '/v1/events',
    // A stream that nobody reads would never end.
    exposeHeadRoute: false,
    schema: {
      summary: 'What happens, in scope',
      headers: lastEventId,
      response: responses({
        200: eventStream(
          '`session` {key, session or null}, `job` Job without outcomes, `heartbeat`, and `reset` where events were missed.',
        ),
      }),
    },
    config: { allows: ROLES },
    handler: async (request, reply) => {
      const stream = events.open(listenerOf(request), eventId(request.headers['last-event-id']));
      return reply.headers(STREAM_HEADERS).send(stream);
    },
  });
}
