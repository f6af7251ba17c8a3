import type { FastifyInstance, FastifyRequest } from 'fastify';
import { meSchema } from '../schemas/me.ts';
import { responses } from '../schemas/responses.ts';
import type { SignIn } from '../security/cookie-sessions.ts';
import { ROLES, type Who } from '../security/who.ts';
import type { Services } from '../services.ts';
import { VERSION } from '../version.ts';

/** What somebody who is signed in may know of that. */
export interface Me {
  readonly user: string;
  readonly role: Who['role'];
  readonly scopes: readonly string[];
  /** Only for the page: what its changing requests bring as `x-csrf-token`. */
  readonly csrfToken?: string;
  readonly version: string;
  readonly isLab: boolean;
}

export function meRoutes(app: FastifyInstance, { isLab }: Services): void {
  app.route({
    method: 'GET',
    url: '/v1/me',
    schema: { summary: 'Who is signed in', response: responses({ 200: meSchema }) },
    config: { allows: ROLES },
    handler: async (request: FastifyRequest): Promise<Me> =>
      meOf(request.who, request.identity?.signIn, isLab),
  });
}

export function meOf({ user, role, scopes }: Who, signIn: SignIn | undefined, isLab: boolean): Me {
  return {
    user,
    role,
    scopes,
    ...(signIn !== undefined && { csrfToken: signIn.csrfToken }),
    version: VERSION,
    isLab,
  };
}
