import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PAGE_FOLDER } from '../page-folder.ts';
import { ProblemError } from '../problem.ts';
import { responses } from '../schemas/responses.ts';

/** They all lie in one folder. */
const ASSET = /^[\w-][\w.-]*$/;

const file = { content: { '*/*': { schema: {} } }, description: 'A file of the page.' };

/** The page, at `/`, and what it is made of below `/assets/`, whose names change with what is in them. */
export function pageRoutes(app: FastifyInstance): void {
  void app.register(fastifyStatic, {
    root: PAGE_FOLDER,
    serve: false,
    cacheControl: false,
    dotfiles: 'deny',
    index: false,
  });
  app.route({
    method: 'GET',
    url: '/',
    schema: { hide: true, response: responses({ 200: file }) },
    config: { isPublic: true },
    handler: async (_request, reply) => {
      if (!existsSync(`${PAGE_FOLDER}index.html`)) throw notBuilt();
      return reply.header('cache-control', 'no-cache').sendFile('index.html');
    },
  });
  app.route<{ Params: { readonly '*': string } }>({
    method: 'GET',
    url: '/assets/*',
    schema: { hide: true, response: responses({ 200: file }) },
    config: { isPublic: true },
    handler: async (request, reply) => {
      const name = request.params['*'];
      if (!ASSET.test(name)) return reply.callNotFound();
      return reply.header('cache-control', 'public, max-age=31536000, immutable').sendFile(`assets/${name}`);
    },
  });
}

function notBuilt(): ProblemError {
  return new ProblemError(503, 'unsupported', 'the page was not built; the API is at /v1', {
    next: 'npm run build',
  });
}
