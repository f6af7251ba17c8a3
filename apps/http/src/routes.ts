import type { FastifyInstance } from 'fastify';
import { auditRoutes } from './routes/audit.ts';
import { meRoutes } from './routes/me.ts';
import { signInRoutes } from './routes/sign-in.ts';
import type { Services } from './services.ts';

/** Adds the routes of one resource. */
export type Routes = (app: FastifyInstance, services: Services) => void;

export const ROUTES: readonly Routes[] = [signInRoutes, meRoutes, auditRoutes];
