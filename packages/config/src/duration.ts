import { DisconnectError } from '@slipline/core';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The form of a duration, for parameters: `30` and `30s` are seconds; also `500ms`, `2m`, `1h`, `7d`. */
export const DURATION = '\\d{1,9}(?:ms|s|m|h|d)?';

/** A duration in milliseconds. `what` names where it was written. */
export function parseDuration(text: string, what: string): number {
  const [, number = '', unit = 's'] = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (number !== '' && milliseconds > 0 && milliseconds <= 100 * 366 * 86_400_000) return milliseconds;
  throw new DisconnectError('invalid-request', `${what} is not a duration`, {
    next: 'write it as 30s, 500ms, 2m, 1h or 7d',
  });
}
