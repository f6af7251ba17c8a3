import { EFFECTS } from '@slipline/core';

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const count = { type: 'integer', minimum: 0 } as const;

/** Names of providers, as plugins are named. */
export const providerId = { type: 'string', minLength: 1, maxLength: 100 } as const;
/** An opaque name of something that this API made. */
export const opaqueId = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,80}$' } as const;
export const effect = { type: 'string', enum: EFFECTS } as const;
export const reason = { type: 'string', minLength: 1, maxLength: 1000 } as const;
/** Values of a provider's parameters; the provider itself says which there are. */
export const values = { type: 'object', maxProperties: 100, additionalProperties: true } as const;

/** Something that could not be looked at or planned. */
export const problemEntry = {
  type: 'object',
  required: ['error'],
  properties: {
    provider: text,
    endpoint: text,
    watch: { ...text, description: 'The watch that asked.' },
    key: text,
    session: { $ref: 'Session#' },
    error: { $ref: 'Error#' },
  },
} as const;

export const watchSchema = {
  type: 'object',
  required: ['id', 'provider', 'endpoints', 'user', 'createdAt', 'every', 'count', 'problems'],
  properties: {
    id: text,
    provider: text,
    endpoints: { type: 'array', items: text },
    user: text,
    createdAt: time,
    every: { type: 'integer', description: 'Seconds.' },
    askedAt: time,
    count: { ...count, description: 'Sessions that it found.' },
    problems: { type: 'array', items: problemEntry },
  },
} as const;

export const planSchema = {
  type: 'object',
  required: ['id', 'createdAt', 'steps', 'problems', 'people', 'danger', 'expiresAt'],
  properties: {
    id: text,
    createdAt: time,
    steps: {
      type: 'array',
      items: {
        type: 'object',
        required: ['session', 'key', 'effect'],
        properties: { session: { $ref: 'Session#' }, key: text, effect },
      },
    },
    problems: { type: 'array', items: problemEntry },
    people: { type: 'array', items: text, description: 'Whose sessions they are.' },
    danger: {
      type: 'object',
      required: ['level', 'why'],
      properties: {
        level: { type: 'string', enum: ['none', 'ask', 'severe'] },
        why: text,
        name: { ...text, description: 'What `confirmName` has to be, where it is severe.' },
      },
    },
    expiresAt: time,
  },
} as const;

const counts = ['disconnected', 'alreadyGone', 'skipped', 'failed', 'waiting'] as const;

const jobProperties = {
  id: text,
  state: { type: 'string', enum: ['queued', 'running', 'done', 'cancelled', 'parked'] },
  createdAt: time,
  startedAt: time,
  endedAt: time,
  user: text,
  reason: text,
  total: count,
  counts: {
    type: 'object',
    required: counts,
    properties: Object.fromEntries(counts.map((name) => [name, count])),
  },
  problems: { type: 'array', items: { $ref: 'Error#' } },
} as const;
const jobRequired = ['id', 'state', 'createdAt', 'user', 'total', 'counts'] as const;

/** A job without its outcomes. */
export const jobSummarySchema = {
  type: 'object',
  required: jobRequired,
  properties: jobProperties,
} as const;

export const jobSchema = {
  type: 'object',
  required: [...jobRequired, 'outcomes'],
  properties: {
    ...jobProperties,
    outcomes: { type: 'array', items: { $ref: 'Outcome#' }, description: 'In the order in which they came.' },
  },
} as const;

/** A stream of events. */
export function eventStream(description: string): object {
  return { description, content: { 'text/event-stream': { schema: text } } };
}

export const lastEventId = {
  type: 'object',
  properties: {
    'last-event-id': { ...text, description: 'The last event that was seen, to go on after it.' },
  },
} as const;
