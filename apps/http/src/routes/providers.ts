import type { FastifyInstance } from 'fastify';
import {
  DisconnectError,
  type AnyPlugin,
  type ErrorJson,
  type JsonObject,
  type ParameterTable,
} from '@slipline/core';
import { providersSchema } from '../schemas/providers.ts';
import { responses } from '../schemas/responses.ts';
import { ROLES } from '../security/who.ts';
import type { Services } from '../services.ts';
import { namesFile } from '../watches/provider-values.ts';

interface ProviderList {
  readonly items: readonly JsonObject[];
  /** Those that cannot be loaded. */
  readonly problems: readonly { readonly provider: string; readonly error: ErrorJson }[];
}

export function providerRoutes(app: FastifyInstance, { slipline }: Services): void {
  app.route({
    method: 'GET',
    url: '/v1/providers',
    schema: {
      summary: 'Systems that can be asked, and what their parameters are',
      response: responses({ 200: providersSchema }),
    },
    config: { allows: ROLES },
    handler: async (): Promise<ProviderList> => {
      const problems: { provider: string; error: ErrorJson }[] = [];
      const described = slipline.providers.map(async (id) => {
        try {
          return [describe(await slipline.plugin(id))];
        } catch (error) {
          problems.push({ provider: id, error: DisconnectError.from(error).toJSON() });
          return [];
        }
      });
      return { items: (await Promise.all(described)).flat(), problems };
    },
  });
}

/** The plugin's own data: what forms, commands and help are made of. */
function describe({ id, title, impact, connect, find, actions, record }: AnyPlugin): JsonObject {
  const tables = {
    ...(connect !== undefined && { connect: withoutFiles(connect) }),
    find: withoutFiles(find),
  };
  return JSON.parse(JSON.stringify({ id, title, impact, ...tables, actions, record })) as JsonObject;
}

/** What nobody may give here is not offered. */
function withoutFiles(table: ParameterTable): ParameterTable {
  return Object.fromEntries(Object.entries(table).filter(([, parameter]) => !namesFile(parameter)));
}
