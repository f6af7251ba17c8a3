import type { FastifyInstance } from 'fastify';
import { auditRoutes } from './routes/audit.ts';
import { connectionRoutes } from './routes/connections.ts';
import { disconnectionRoutes } from './routes/disconnections.ts';
import { eventRoutes } from './routes/events.ts';
import { meRoutes } from './routes/me.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { operationRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/page.ts';
import { planRoutes } from './routes/plans.ts';
import { providerRoutes } from './routes/providers.ts';
import { receiptRoutes } from './routes/receipts.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { watchRoutes } from './routes/watches.ts';
import type { Services } from './services.ts';

/** Adds the routes of one resource. */
export type Routes = (app: FastifyInstance, services: Services) => void;

export const ROUTES: readonly Routes[] = [
  signInRoutes,
  meRoutes,
  providerRoutes,
  sessionRoutes,
  watchRoutes,
  connectionRoutes,
  planRoutes,
  disconnectionRoutes,
  eventRoutes,
  receiptRoutes,
  auditRoutes,
  operationRoutes,
  openApiRoutes,
  pageRoutes,
];
