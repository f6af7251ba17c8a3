const text = { type: 'string' } as const;
const yes = { type: 'boolean' } as const;
const names = { type: 'array', items: text } as const;

/** One parameter of a provider, as data: forms, commands and help are made of it. */
export const parameterSchema = {
  $id: 'Parameter',
  type: 'object',
  required: ['type', 'summary'],
  properties: {
    type: { type: 'string', enum: ['string', 'integer', 'boolean', 'secret'] },
    summary: text,
    placeholder: text,
    many: yes,
    endpoint: { ...yes, description: 'Names the system.' },
    names: { ...yes, description: 'Names single sessions.' },
    listing: { ...yes, description: 'Only for listing, not for choosing what to disconnect.' },
    credential: { type: 'string', enum: ['userName', 'password'] },
    required: yes,
    position: { type: 'integer' },
    aliases: names,
    choices: names,
    minimum: { type: 'integer' },
    maximum: { type: 'integer' },
    waits: yes,
    pattern: { ...text, description: 'A regular expression for the whole value.' },
    mayBeEmpty: yes,
    excludes: names,
    requires: names,
    format: { type: 'string', enum: ['path', 'line'] },
  },
} as const;

const parameters = { type: 'object', additionalProperties: { $ref: 'Parameter#' } } as const;

export const providersSchema = {
  type: 'object',
  required: ['items', 'problems'],
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'title', 'impact', 'find'],
        properties: {
          id: text,
          title: text,
          impact: { type: 'string', enum: ['low', 'medium', 'high'] },
          connect: { ...parameters, description: 'Absent where there is nothing to connect to.' },
          find: parameters,
          actions: {
            type: 'object',
            additionalProperties: {
              type: 'object',
              required: ['summary', 'parameters'],
              properties: { summary: text, parameters },
            },
          },
          record: {
            type: 'array',
            items: { type: 'object', required: ['name', 'from'], properties: { name: text, from: text } },
          },
        },
      },
    },
    problems: {
      type: 'array',
      items: {
        type: 'object',
        required: ['provider', 'error'],
        properties: { provider: text, error: { $ref: 'Error#' } },
      },
    },
  },
} as const;
