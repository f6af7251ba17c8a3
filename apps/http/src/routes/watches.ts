import type { FastifyInstance } from 'fastify';
import { idempotencyHeader, once } from '../idempotency/once.ts';
import { checkScope, notingRefusals } from '../plans/scope.ts';
import { responses } from '../schemas/responses.ts';
import { opaqueId, providerId, values, watchSchema } from '../schemas/work.ts';
import { ROLES } from '../security/who.ts';
import type { Services } from '../services.ts';
import type { WatchView } from '../watches/watch.ts';
import { EVERY, type WatchRequest } from '../watches/watches.ts';

const params = { type: 'object', required: ['id'], properties: { id: opaqueId } } as const;
interface WithId {
  Params: { readonly id: string };
}

export function watchRoutes(app: FastifyInstance, services: Services): void {
  const { watches, audit } = services;

  app.route({
    method: 'GET',
    url: '/v1/watches',
    schema: {
      summary: 'What is watched',
      response: responses({
        200: {
          type: 'object',
          required: ['items'],
          properties: { items: { type: 'array', items: watchSchema } },
        },
      }),
    },
    config: { allows: ROLES },
    handler: async ({ who }): Promise<{ readonly items: readonly WatchView[] }> => ({
      items: watches.list(who),
    }),
  });

  app.route<{ Body: WatchRequest }>({
    method: 'POST',
    url: '/v1/watches',
    schema: {
      summary: 'Watch systems for sessions',
      description:
        'Asked at once and again and again, for everybody in scope, until it is deleted or the service stops. Its credential is used for disconnects of what it found.',
      headers: idempotencyHeader,
      body: {
        type: 'object',
        additionalProperties: false,
        required: ['provider', 'values'],
        properties: {
          provider: providerId,
          values: { ...values, description: 'Values of the provider’s `find` parameters.' },
          every: { type: 'integer', minimum: EVERY.least, maximum: EVERY.most, default: EVERY.usual },
        },
      },
      response: responses({ 201: watchSchema }),
    },
    config: { allows: ['operator'] },
    handler: (request, reply) =>
      once(services, request, reply, async () => {
        const { who, body } = request;
        const targets = await watches.targetsOf(body);
        await notingRefusals(audit, who, 'watch', async () => checkScope(targets, who));
        for (const target of targets) await audit.note({ user: who.user, what: 'watch', target });
        const watch = await watches.add(body, who.user);
        return { status: 201, location: `/v1/watches/${watch.id}`, body: JSON.stringify(watch) };
      }),
  });

  app.route<WithId>({
    method: 'GET',
    url: '/v1/watches/:id',
    schema: { summary: 'One watch', params, response: responses({ 200: watchSchema }) },
    config: { allows: ROLES },
    handler: async (request): Promise<WatchView> => watches.get(request.params.id, request.who).view,
  });

  app.route<WithId>({
    method: 'POST',
    url: '/v1/watches/:id/refresh',
    schema: { summary: 'Ask again now', params, response: responses({ 202: watchSchema }) },
    config: { allows: ['operator'] },
    handler: async (request, reply) => {
      const watch = watches.get(request.params.id, request.who);
      void watch.refresh();
      return reply.code(202).send(watch.view);
    },
  });

  app.route<WithId>({
    method: 'DELETE',
    url: '/v1/watches/:id',
    schema: { summary: 'Watch no longer', params, response: responses({ 204: { type: 'null' } }) },
    config: { allows: ['operator'] },
    handler: async ({ params: { id }, who }, reply) => {
      const { provider, endpoints } = watches.get(id, who).settings;
      const target = { provider, endpoint: endpoints[0] };
      await audit.note({ user: who.user, what: 'watch deleted', target });
      await watches.remove(id, who);
      return reply.code(204).send(null);
    },
  });
}
