import type { Session } from '@slipline/core';

const PREFIX = 'name:';
const LARGEST = 2 ** 31 - 1;

/**
 * Whether a text names this connection, as the cmdlet reads it: what is a 32-bit whole number is a connection number,
 * anything else a name, compared whole and without regard to case, so that `ov1` and `ov1:443` are two names. A name
 * that looks like a number is written `name:10`.
 */
export function names(text: string, { id, endpoint }: Pick<Session, 'id' | 'endpoint'>): boolean {
  const number = connectionNumber(text);
  if (number !== undefined) return id === String(number);
  return isName(text, endpoint) || (text.startsWith(PREFIX) && isName(text.slice(PREFIX.length), endpoint));
}

function connectionNumber(text: string): number | undefined {
  const number = /^\s*[+-]?\d{1,10}\s*$/.test(text) ? Number(text) : NaN;
  return Math.abs(number) <= LARGEST ? number : undefined;
}

function isName(text: string, endpoint: string): boolean {
  return text.toLowerCase() === endpoint.toLowerCase();
}
