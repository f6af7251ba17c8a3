import type { Session } from '@slipline/core';
import { hostAddress } from './host-address.ts';

/** The id of a connection among the numbers of desktops. */
export function connectionId(number: number): string {
  return `connection-${number}`;
}

/** Whether `text` means this connection: its number, its id, or its host. */
export function namesConnection(text: string, { id, endpoint }: Session): boolean {
  if (/^\d+$/.test(text)) return id === connectionId(Number(text));
  if (text.toLowerCase() === id) return true;
  return hostAddress(text).endpoint.toLowerCase() === endpoint.toLowerCase();
}
