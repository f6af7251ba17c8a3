import { DisconnectError } from '@slipline/core';
import type { FastifyInstance } from 'fastify';
import { SORT_NAMES, type RosterQuery } from '../roster/query.ts';
import { pageOf, pageQuery } from '../schemas/paging.ts';
import { responses } from '../schemas/responses.ts';
import { opaqueId, problemEntry } from '../schemas/work.ts';
import { ROLES } from '../security/who.ts';
import type { Services } from '../services.ts';

const text = { type: 'string', minLength: 1, maxLength: 300 } as const;
const JSON_TYPE = 'application/json; charset=utf-8';

export function sessionRoutes(app: FastifyInstance, { roster }: Services): void {
  app.route<{ Querystring: RosterQuery }>({
    method: 'GET',
    url: '/v1/sessions',
    schema: {
      summary: 'Sessions that are known',
      description: 'Those of the ledger, and those that watches found. No system is asked.',
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          ...pageQuery,
          sort: { type: 'string', enum: SORT_NAMES, default: '-openedAt' },
          provider: text,
          endpoint: text,
          state: text,
          ownership: text,
          kind: text,
          principal: text,
          q: { ...text, description: 'Words, each of which is somewhere in what people see of a session.' },
        },
      },
      response: responses({
        200: pageOf(
          { $ref: 'Session#' },
          { total: { type: 'integer' }, problems: { type: 'array', items: problemEntry } },
        ),
      }),
    },
    config: { allows: ROLES },
    handler: async ({ query, who }, reply) => reply.type(JSON_TYPE).send(roster.page(query, who)),
  });

  app.route<{ Params: { readonly key: string } }>({
    method: 'GET',
    url: '/v1/sessions/:key',
    schema: {
      summary: 'One session',
      params: { type: 'object', required: ['key'], properties: { key: opaqueId } },
      response: responses({ 200: { $ref: 'Session#' } }),
    },
    config: { allows: ROLES },
    handler: async ({ params, who }, reply) => {
      const row = roster.row(params.key);
      if (row === undefined || !who.sees(row.session))
        throw new DisconnectError('not-found', 'there is no such session any more', {
          next: 'GET /v1/sessions',
        });
      return reply.type(JSON_TYPE).send(row.json);
    },
  });
}
