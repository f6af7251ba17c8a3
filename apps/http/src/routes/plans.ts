import type { FastifyInstance } from 'fastify';
import { idempotencyHeader, once } from '../idempotency/once.ts';
import { planJson, type PlanRequest } from '../plans/plans.ts';
import { notingRefusals } from '../plans/scope.ts';
import { responses } from '../schemas/responses.ts';
import { effect, opaqueId, planSchema, providerId, values } from '../schemas/work.ts';
import type { Services } from '../services.ts';

const MOST_SESSIONS = 10_000;

const body = {
  type: 'object',
  oneOf: [
    {
      additionalProperties: false,
      required: ['sessions'],
      properties: {
        sessions: { type: 'array', minItems: 1, maxItems: MOST_SESSIONS, items: opaqueId },
        effect,
      },
    },
    {
      additionalProperties: false,
      required: ['provider'],
      properties: {
        provider: providerId,
        selector: { ...values, description: 'Values of the provider’s `find` parameters.' },
        effect,
        all: { type: 'boolean', description: 'Everything that matches.' },
      },
    },
  ],
} as const;

export function planRoutes(app: FastifyInstance, services: Services): void {
  const { plans, audit } = services;

  app.route<{ Body: PlanRequest }>({
    method: 'POST',
    url: '/v1/plans',
    schema: {
      summary: 'What a disconnect would do',
      description:
        'Changes nothing. By the keys of sessions, or by what a provider selects. The plan is its maker’s alone, for 15 minutes, and can be applied once.',
      headers: idempotencyHeader,
      body,
      response: responses({ 201: planSchema }),
    },
    config: { allows: ['operator'] },
    handler: (request, reply) =>
      once(services, request, reply, async () => {
        const { who } = request;
        const kept = await notingRefusals(audit, who, 'disconnect', () => plans.make(request.body, who));
        return { status: 201, location: `/v1/plans/${kept.id}`, body: JSON.stringify(planJson(kept)) };
      }),
  });

  app.route<{ Params: { readonly id: string } }>({
    method: 'GET',
    url: '/v1/plans/:id',
    schema: {
      summary: 'A plan of one’s own',
      params: { type: 'object', required: ['id'], properties: { id: opaqueId } },
      response: responses({ 200: planSchema }),
    },
    config: { allows: ['operator'] },
    handler: async ({ params, who }, reply) =>
      reply.type('application/json; charset=utf-8').send(JSON.stringify(planJson(plans.get(params.id, who)))),
  });
}
