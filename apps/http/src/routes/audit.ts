import type { FastifyInstance } from 'fastify';
import { DisconnectError } from '@slipline/core';
import { pageOf, pageQuery } from '../schemas/paging.ts';
import { responses } from '../schemas/responses.ts';
import type { AuditEntry } from '../security/audit.ts';
import type { Services } from '../services.ts';

const text = { type: 'string' } as const;

const entrySchema = {
  type: 'object',
  required: ['at', 'user', 'what'],
  properties: {
    at: { type: 'string', format: 'date-time' },
    user: text,
    what: text,
    provider: text,
    endpoint: text,
    detail: text,
  },
} as const;

interface Page {
  readonly items: readonly AuditEntry[];
  readonly nextCursor?: string;
}

export function auditRoutes(app: FastifyInstance, { audit }: Services): void {
  app.route<{ Querystring: { readonly limit: number; readonly cursor?: string } }>({
    method: 'GET',
    url: '/v1/audit',
    schema: {
      summary: 'Who did or tried what, newest first',
      querystring: { type: 'object', additionalProperties: false, properties: pageQuery },
      response: responses({ 200: pageOf(entrySchema) }),
    },
    config: { allows: ['auditor'] },
    handler: async ({ query: { limit, cursor } }): Promise<Page> => {
      const items = await audit.read(limit + 1, cursor === undefined ? undefined : numberIn(cursor));
      const shown = items.slice(0, limit);
      const last = shown.at(-1);
      const hasMore = items.length > limit && last !== undefined;
      return { items: shown, ...(hasMore && { nextCursor: String(last.number) }) };
    },
  });
}

function numberIn(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new DisconnectError('invalid-request', 'the cursor is not one of this list', {
    next: 'leave it out to begin again',
  });
}
