import { errorSchema, problemSchema } from './error.ts';
import { outcomeSchema, residualSchema } from './outcome.ts';
import { sessionSchema } from './session.ts';

/** What routes refer to as `{ $ref: 'Session#' }`, each after those that it refers to. */
export const SHARED_SCHEMAS = [errorSchema, problemSchema, residualSchema, sessionSchema, outcomeSchema];
