import type { FastifyInstance } from 'fastify';
import { responses } from '../schemas/responses.ts';

/** The whole API as one document, made of the schemas that requests and answers are held to. */
export function openApiRoutes(app: FastifyInstance): void {
  let document: Buffer | undefined;
  app.route({
    method: 'GET',
    url: '/openapi.json',
    schema: {
      summary: 'This API as an OpenAPI 3.1 document',
      response: responses({ 200: { type: 'object', additionalProperties: true } }),
    },
    config: { isPublic: true },
    handler: async (_request, reply) => {
      document ??= Buffer.from(JSON.stringify(app.swagger()));
      return reply.type('application/json; charset=utf-8').send(document);
    },
  });
}
