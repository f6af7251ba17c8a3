import type { Logger } from '@slipline/core';
import { pino, type DestinationStream } from 'pino';

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type Level = (typeof LEVELS)[number];

/** Fields whose values are nobody's business, wherever they stand. */
const HIDDEN = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'key',
  'csrfToken',
  'body',
  'headers',
];

/** One line of JSON for each message. What came from outside is inside a string, so that no line can be forged. */
export function createLog(level: Level, destination: DestinationStream): Logger {
  const log = pino(
    {
      level,
      base: { name: 'slipline-http' },
      redact: { paths: HIDDEN.flatMap((name) => [name, `*.${name}`]), censor: '[hidden]' },
      serializers: { error: describe },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (message, fields = {}) => log.debug(fields, message),
    info: (message, fields = {}) => log.info(fields, message),
    warn: (message, fields = {}) => log.warn(fields, message),
    error: (message, fields = {}) => log.error(fields, message),
  };
}

/** What it is and where it comes from; not what else hangs on it. */
function describe(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : typeof thrown;
  const { name, message, stack, cause } = thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    stack,
    ...(cause instanceof Error && { cause: { name: cause.name, message: cause.message } }),
  };
}
