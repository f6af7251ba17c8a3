import { DisconnectError } from '@slipline/core';

/** Where a host is, and what it is called. */
export interface HostAddress {
  /** What sessions of it are known by: the name as it was given, with its port where that is not 445. */
  readonly endpoint: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

export const SMB_PORT = 445;
const FORM =
  /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)|([0-9A-Fa-f:]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?$/;

/** Reads `HOST`, `HOST:PORT` and `[IPv6]:PORT`; `port` is for those without. Throws `invalid-request`. */
export function hostAddress(text: string, port = SMB_PORT): HostAddress {
  const [, bracketed, name, bare, own] = FORM.exec(text) ?? [];
  const host = bracketed ?? name ?? bare;
  const number = own === undefined ? port : Number(own);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new DisconnectError('invalid-request', `"${text.slice(0, 80)}" is no host`, {
      next: 'name it as HOST or HOST:PORT, an IPv6 address in brackets',
    });
  }
  const shown = host.includes(':') ? `[${host}]` : host;
  return { endpoint: number === SMB_PORT ? shown : `${shown}:${number}`, host, port: number };
}
