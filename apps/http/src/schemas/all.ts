import { errorSchema, problemSchema } from './error.ts';
import { outcomeSchema, residualSchema } from './outcome.ts';
import { parameterSchema } from './providers.ts';
import { receiptSchema } from './receipt.ts';
import { sessionSchema } from './session.ts';

/** What routes refer to as `{ $ref: 'Session#' }`, each after those that it refers to. */
export const SHARED_SCHEMAS = [
  errorSchema,
  problemSchema,
  parameterSchema,
  residualSchema,
  sessionSchema,
  outcomeSchema,
  receiptSchema,
];
