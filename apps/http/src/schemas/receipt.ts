import { EFFECTS } from '@slipline/core';

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;

export const RECEIPT_KINDS = ['connect', 'disconnect', 'access', 'act'] as const;
export const RECEIPT_STATUSES = [
  'disconnected',
  'already-gone',
  'skipped',
  'failed',
  'done',
  'running',
] as const;

/** An outcome written down: what was done, by whom, and what became of it. Not tamper-evident. */
export const receiptSchema = {
  $id: 'Receipt',
  type: 'object',
  required: ['operation', 'kind', 'session', 'user', 'startedAt'],
  properties: {
    operation: text,
    kind: { type: 'string', enum: RECEIPT_KINDS },
    session: { $ref: 'Session#' },
    effect: { type: 'string', enum: EFFECTS },
    action: text,
    reason: text,
    user: text,
    startedAt: time,
    endedAt: time,
    status: { ...text, description: 'Absent while it runs, and for ever where the process died.' },
    verification: text,
    skipped: text,
    residual: { type: 'array', items: { $ref: 'Residual#' } },
    error: { $ref: 'Error#' },
  },
} as const;
