import type { FastifyRequest } from 'fastify';
import type { Listener } from './event-hub.ts';

/** An event as `text/event-stream` has it. `json` holds no line break, as JSON.stringify makes none. */
export function frameOf(event: string, json: string, id?: number | string): Buffer {
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`);
}

/** Headers of every answer that is a stream of events. */
export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // A proxy that gathers an answer before it passes it on would never pass this one on.
  'x-accel-buffering': 'no',
} as const;

/** An id that `Last-Event-ID` gave; `undefined` where it is none of ours. */
export function eventId(header: unknown): number | undefined {
  return typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : undefined;
}

/** Who listens, for as long as they would be let in. */
export function listenerOf({ who, identity }: FastifyRequest): Listener {
  return { who, isGood: () => identity?.isGood() === true };
}
