import type { DialTarget } from '../host.ts';

/** An IPv6 address as sockets take it, without the brackets that URLs put around it. */
export function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** A host as it is compared: without regard to case. */
export function keyOf(host: string): string {
  return unbracketed(host).toLowerCase();
}

/** `name:port`, as trust is kept by it and people are told. */
export function nameOf({ host, port }: Pick<DialTarget, 'host' | 'port'>): string {
  const key = keyOf(host);
  return key.includes(':') ? `[${key}]:${port}` : `${key}:${port}`;
}
