import type { Session } from '@slipline/core';

/** Whether a text names this session: its number, the name it was given, or its account, without regard to case. */
export function names(text: string, { id, details }: Pick<Session, 'id' | 'details'>): boolean {
  const wanted = text.trim().toLowerCase();
  const known = [id, details['name'], details['account']];
  return known.some((one) => typeof one === 'string' && one.toLowerCase() === wanted);
}
