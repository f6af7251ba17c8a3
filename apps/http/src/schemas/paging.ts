/** How many items at most, and where to go on. */
export const pageQuery = {
  limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  cursor: { type: 'string', minLength: 1, maxLength: 512, description: '`nextCursor` of the page before.' },
} as const;

/** One page of items. */
export function pageOf(item: object, more: Readonly<Record<string, object>> = {}): object {
  return {
    type: 'object',
    required: ['items'],
    properties: { items: { type: 'array', items: item }, nextCursor: { type: 'string' }, ...more },
  };
}
