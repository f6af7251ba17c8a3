import { ERROR_CODES } from '@slipline/core';

const text = { type: 'string' } as const;

/** An error inside another answer, such as an outcome's. */
export const errorSchema = {
  $id: 'Error',
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: { type: 'string', enum: ERROR_CODES },
    message: text,
    system: { ...text, description: 'The system it happened at.' },
    next: { ...text, description: 'What can be done now.' },
    details: { type: 'object', additionalProperties: true },
  },
} as const;

/** RFC 9457. */
export const problemSchema = {
  $id: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance'],
  properties: {
    type: { ...text, description: 'urn:slipline:error:<code>' },
    title: text,
    status: { type: 'integer' },
    code: { type: 'string', enum: ERROR_CODES },
    detail: text,
    next: { ...text, description: 'What can be done now.' },
    system: { ...text, description: 'The managed system it happened at, where it was not this service.' },
    instance: { ...text, description: 'This one request, as the log names it.' },
  },
} as const;
