import { DisconnectError } from '@slipline/core';
import type { FastifyInstance } from 'fastify';
import { eventId, listenerOf, STREAM_HEADERS } from '../events/frame.ts';
import type { Answer } from '../idempotency/idempotency-store.ts';
import { idempotencyHeader, once } from '../idempotency/once.ts';
import type { JobSummary } from '../jobs/job.ts';
import type { JobPage } from '../jobs/jobs.ts';
import type { KeptPlan } from '../plans/plans.ts';
import { checkScope, notingRefusals } from '../plans/scope.ts';
import { pageOf, pageQuery } from '../schemas/paging.ts';
import { responses } from '../schemas/responses.ts';
import { eventStream, jobSchema, jobSummarySchema, lastEventId, opaqueId, reason } from '../schemas/work.ts';
import { ROLES } from '../security/who.ts';
import type { Services } from '../services.ts';

interface DisconnectBody {
  readonly plan: string;
  readonly confirm?: boolean;
  readonly confirmName?: string;
  readonly reason?: string;
  readonly verify?: boolean;
}

const params = { type: 'object', required: ['id'], properties: { id: opaqueId } } as const;
interface WithId {
  Params: { readonly id: string };
}

const body = {
  type: 'object',
  additionalProperties: false,
  required: ['plan'],
  properties: {
    plan: opaqueId,
    confirm: { type: 'boolean', description: 'Needed where the plan’s danger is `ask`.' },
    confirmName: {
      type: 'string',
      maxLength: 4096,
      description: 'The `name` of the plan’s danger, needed where that is `severe`.',
    },
    reason,
    verify: { type: 'boolean', description: 'Ask the system whether it took hold; true when absent.' },
  },
} as const;

export function disconnectionRoutes(app: FastifyInstance, services: Services): void {
  const { jobs, plans, audit } = services;

  app.route<{ Body: DisconnectBody }>({
    method: 'POST',
    url: '/v1/disconnections',
    schema: {
      summary: 'Apply a plan',
      headers: idempotencyHeader,
      body,
      response: responses({ 202: jobSummarySchema }),
    },
    config: { allows: ['operator'] },
    handler: (request, reply) =>
      once(
        services,
        request,
        reply,
        async (name) => {
          const { who, body: wishes } = request;
          const kept = plans.get(wishes.plan, who);
          await notingRefusals(audit, who, 'disconnect', async () => checkScope(planned(kept), who));
          checkConfirmed(kept, wishes);
          plans.take(kept);
          try {
            // Before anything is done: what cannot be noted is not begun.
            await audit.note({ user: who.user, what: 'disconnect', detail: planDetail(kept, wishes) });
            return accepted(await jobs.create(kept, { ...wishes, request: name }));
          } catch (error) {
            plans.giveBack(kept);
            throw error;
          }
        },
        { recall: (name) => recalled(jobs.ofRequest(name)) },
      ),
  });

  app.route<{ Querystring: { readonly limit: number; readonly cursor?: string } }>({
    method: 'GET',
    url: '/v1/disconnections',
    schema: {
      summary: 'Jobs, newest first',
      querystring: { type: 'object', additionalProperties: false, properties: pageQuery },
      response: responses({ 200: pageOf(jobSummarySchema) }),
    },
    config: { allows: ROLES },
    handler: async ({ query: { limit, cursor }, who }): Promise<JobPage> => jobs.list(who, limit, cursor),
  });

  app.route<WithId>({
    method: 'GET',
    url: '/v1/disconnections/:id',
    schema: {
      summary: 'One job with its outcomes',
      params,
      response: responses({ 200: jobSchema }),
    },
    config: { allows: ROLES },
    handler: async (request, reply) =>
      reply.type('application/json; charset=utf-8').send(await jobs.read(request.params.id, request.who)),
  });

  app.route<WithId>({
    method: 'DELETE',
    url: '/v1/disconnections/:id',
    schema: {
      summary: 'Begin nothing more of a job',
      params,
      response: responses({ 202: jobSummarySchema }),
    },
    config: { allows: ['operator'] },
    handler: async (request, reply) => {
      const { who } = request;
      const { id } = request.params;
      jobs.get(id, who);
      await audit.note({ user: who.user, what: 'disconnect cancelled', detail: `job ${id}` });
      return reply.code(202).send(jobs.cancel(id, who));
    },
  });

  app.route<WithId>({
    method: 'GET',
    url: '/v1/disconnections/:id/events',
    exposeHeadRoute: false,
    schema: {
      summary: 'What happens to a job',
      params,
      headers: lastEventId,
      response: responses({
        200: eventStream('`session-start` {key}, `session-end` Outcome, `job-end` Job.'),
      }),
    },
    config: { allows: ROLES },
    handler: async (request, reply) => {
      const after = eventId(request.headers['last-event-id']);
      const stream = jobs.events(request.params.id, listenerOf(request), after);
      return reply.headers(STREAM_HEADERS).send(stream);
    },
  });
}

function planned({ plan }: KeptPlan): KeptPlan['plan']['steps'][number]['session'][] {
  return plan.steps.map(({ session }) => session);
}

/** Throws `invalid-request` where what is dangerous was not confirmed as it has to be. */
function checkConfirmed({ danger }: KeptPlan, { confirm, confirmName }: DisconnectBody): void {
  const { level, why, name } = danger;
  switch (level) {
    case 'none':
      return;
    case 'ask':
      if (confirm === true) return;
      throw new DisconnectError('invalid-request', `this has to be confirmed: ${why}`, {
        next: 'send confirm: true',
      });
    case 'severe':
      if (name !== undefined && confirmName === name) return;
      throw new DisconnectError('invalid-request', `this has to be confirmed by name: ${why}`, {
        next: `send confirmName: ${JSON.stringify(name ?? '')}`,
      });
    default:
      level satisfies never;
  }
}

function accepted(job: JobSummary): Answer {
  return { status: 202, location: `/v1/disconnections/${job.id}`, body: JSON.stringify(job) };
}

function recalled(job: JobSummary | undefined): Answer | undefined {
  return job === undefined ? undefined : accepted(job);
}

function planDetail({ id, plan: { steps } }: KeptPlan, { reason: why }: DisconnectBody): string {
  const count = `${steps.length} ${steps.length === 1 ? 'session' : 'sessions'}`;
  return `plan ${id}, ${count}${why === undefined ? '' : `: ${why}`}`;
}
