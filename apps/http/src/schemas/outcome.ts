import { EFFECTS } from '@slipline/core';

export const residualSchema = {
  $id: 'Residual',
  type: 'object',
  description: 'Access that remains, and until when.',
  required: ['what'],
  properties: { what: { type: 'string' }, until: { type: 'string', format: 'date-time' } },
} as const;

/** What became of one session of a job. */
export const outcomeSchema = {
  $id: 'Outcome',
  type: 'object',
  required: ['session', 'key', 'status'],
  properties: {
    session: { $ref: 'Session#' },
    key: { type: 'string' },
    status: { type: 'string', enum: ['disconnected', 'already-gone', 'skipped', 'failed'] },
    effect: { type: 'string', enum: EFFECTS },
    verification: { type: 'string', enum: ['verified', 'pending', 'not-checked', 'not-possible'] },
    residual: { type: 'array', items: { $ref: 'Residual#' } },
    reason: { type: 'string', enum: ['declined', 'adopted', 'own-session'] },
    error: { $ref: 'Error#' },
  },
} as const;
