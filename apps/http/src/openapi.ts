import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { VERSION } from './version.ts';

/** What /openapi.json says beside the routes' own schemas. */
export function openApi(): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Slipline',
        version: VERSION,
        description: 'See every session, disconnect some, watch it happen, know who did it.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'A key of `slipline-http keys create`.' },
          signIn: {
            type: 'apiKey',
            in: 'cookie',
            name: 'slipline',
            description: 'The page’s cookie; what changes something also needs the header `x-csrf-token`.',
          },
        },
      },
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, place) =>
        (schema['$id'] as string | undefined) ?? `part-${place}`,
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema: {
        ...schema,
        operationId: nameOf(String(route.method), url),
        'x-roles': route.config?.allows ?? [],
        security: route.config?.isPublic === true ? [] : [{ key: [] }, { signIn: [] }],
      },
    }),
  };
}

/** `GET /v1/sessions/:key` is `getSessionsKey`: what generated clients call it. */
function nameOf(method: string, url: string): string {
  const words = url.replace(/^\/v1\//, '').match(/[A-Za-z]+/g) ?? [];
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
