import type { FastifyInstance } from 'fastify';
import type { Slipline } from '@slipline/core';
import { idempotencyHeader, once } from '../idempotency/once.ts';
import { checkScope, notingRefusals, OutOfScope } from '../plans/scope.ts';
import { rowOf } from '../roster/row.ts';
import { responses } from '../schemas/responses.ts';
import { providerId, reason, values } from '../schemas/work.ts';
import type { Target } from '../security/who.ts';
import type { Services } from '../services.ts';
import { endpointsIn, withSecrets, type PlainValues } from '../watches/provider-values.ts';

interface ConnectBody {
  readonly provider: string;
  readonly values: PlainValues;
  readonly reason?: string;
  readonly makeDefault?: boolean;
}

export function connectionRoutes(app: FastifyInstance, services: Services): void {
  const { slipline, audit, roster } = services;

  app.route<{ Body: ConnectBody }>({
    method: 'POST',
    url: '/v1/connections',
    schema: {
      summary: 'Open a session',
      description:
        'Nobody is there to be asked: ways of signing in that need a person fail. Certificates are verified against what the service is configured to trust.',
      headers: idempotencyHeader,
      body: {
        type: 'object',
        additionalProperties: false,
        required: ['provider', 'values'],
        properties: {
          provider: providerId,
          values: {
            ...values,
            description:
              'Values of the provider’s `connect` parameters; secrets are plain here, and never come back.',
          },
          reason,
          makeDefault: { type: 'boolean' },
        },
      },
      response: responses({ 201: { $ref: 'Session#' } }),
    },
    config: { allows: ['operator'] },
    handler: (request, reply) =>
      once(services, request, reply, () => {
        const { who, body } = request;
        const { user } = who;
        return notingRefusals(audit, who, 'connect', async () => {
          const { targets, sealed } = await asked(slipline, body);
          checkScope(targets, who);
          for (const target of targets) await audit.note({ user, what: 'connect', target });
          const opened = await slipline.connect(body.provider, sealed, {
            user,
            reason: body.reason,
            makeDefault: body.makeDefault,
          });
          const { session } = opened;
          // The system calls itself by a name that is not theirs.
          if (!who.sees(session)) {
            await opened.disconnect({ user, reason: 'out of scope' });
            throw new OutOfScope(session);
          }
          await services.refresh();
          const { key, json } = rowOf(session);
          return {
            status: 201,
            location: `/v1/sessions/${key}`,
            body: roster.row(key)?.json ?? json,
          };
        });
      }),
  });
}

/** What would be connected to, and the values as the provider takes them. */
async function asked(
  slipline: Slipline,
  { provider, values: plain }: ConnectBody,
): Promise<{ readonly targets: readonly Target[]; readonly sealed: PlainValues }> {
  const { connect = {} } = await slipline.plugin(provider);
  const endpoints = endpointsIn(connect, plain);
  return {
    targets: (endpoints.length === 0 ? [''] : endpoints).map((endpoint) => ({ provider, endpoint })),
    sealed: withSecrets(connect, plain),
  };
}
