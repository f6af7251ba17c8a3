import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problem.ts';
import type { Gauge } from '../operations/metrics.ts';
import { responses } from '../schemas/responses.ts';
import { ROLES } from '../security/who.ts';
import type { Services } from '../services.ts';
import { VERSION } from '../version.ts';

const well = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: ['ok'] } },
} as const;

/** What watches over the service asks for. */
export function operationRoutes(app: FastifyInstance, services: Services): void {
  const { readiness, metrics } = services;

  app.route({
    method: 'GET',
    url: '/healthz',
    schema: { summary: 'Whether the service runs', response: responses({ 200: well }) },
    config: { isPublic: true },
    handler: async () => ({ status: 'ok' }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    schema: { summary: 'Whether the service can do its work', response: responses({ 200: well }) },
    config: { isPublic: true },
    handler: async () => {
      const problem = await readiness.problem();
      if (problem === undefined) return { status: 'ok' };
      throw new ProblemError(503, 'internal', problem, { retryAfter: 5, next: 'see the log of the service' });
    },
  });

  app.route({
    method: 'GET',
    url: '/metrics',
    schema: {
      summary: 'Figures for Prometheus',
      response: responses({
        200: { description: 'Figures.', content: { 'text/plain': { schema: { type: 'string' } } } },
      }),
    },
    config: { allows: ROLES },
    handler: async (_request, reply) =>
      reply
        .type('text/plain; version=0.0.4; charset=utf-8')
        .serializer(String)
        .send(metrics.text(gauges(services))),
  });
}

function gauges({ roster, jobs, events, cookies }: Services): readonly Gauge[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const one = (name: string, help: string, value: number): Gauge => ({ name, help, values: [{ value }] });
  return [
    one('slipline_sessions', 'Sessions that are known.', roster.size),
    {
      name: 'slipline_jobs',
      help: 'Jobs that are kept.',
      values: Object.entries(jobs.counts()).map(([state, value]) => ({ labels: { state }, value })),
    },
    one('slipline_event_streams', 'Streams of events that are open.', events.streams),
    one('slipline_sign_ins', 'People who are signed in to the page.', cookies.size),
    { name: 'slipline_info', help: 'What runs.', values: [{ labels: { version: VERSION }, value: 1 }] },
    one('process_resident_memory_bytes', 'Memory of the process.', rss),
    one('nodejs_heap_used_bytes', 'Memory of its objects.', heapUsed),
    one('process_cpu_seconds_total', 'Time of processors that it took.', (user + system) / 1_000_000),
    one('process_start_time_seconds', 'When it started.', Math.round(Date.now() / 1000 - process.uptime())),
  ];
}
