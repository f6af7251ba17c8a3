import { EFFECTS, OWNERSHIPS, SESSION_STATES } from '@slipline/core';

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;

/** A session as core describes it, and under `key` the opaque name that this API knows it by. */
export const sessionSchema = {
  $id: 'Session',
  type: 'object',
  required: [
    'key',
    'provider',
    'endpoint',
    'id',
    'kind',
    'label',
    'state',
    'ownership',
    'effects',
    'fingerprint',
    'details',
  ],
  properties: {
    key: { ...text, description: 'Names the session in this API; URL-safe, opaque.' },
    provider: text,
    endpoint: text,
    id: text,
    kind: text,
    label: text,
    principal: text,
    state: { type: 'string', enum: SESSION_STATES },
    ownership: { type: 'string', enum: OWNERSHIPS },
    effects: { type: 'array', items: { type: 'string', enum: EFFECTS } },
    fingerprint: text,
    openedAt: time,
    expiresAt: time,
    isDefault: { type: 'boolean' },
    isCaller: { type: 'boolean' },
    details: { type: 'object', additionalProperties: true },
  },
} as const;
