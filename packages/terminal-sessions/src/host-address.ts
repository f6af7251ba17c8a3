import { DisconnectError } from '@slipline/core';

/** Where a host is, and what it is called. */
export interface HostAddress {
  /** What sessions of it are known by: the name as it was given, with its port where that is not 445. */
  readonly endpoint: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

const SMB_PORT = 445;
const PORT = String.raw`(?::(?<port>\d{1,5}))?`;
const NAME = String.raw`[^\s/\\?#@:%\[\]<>^|"'{}$,;]{1,253}`;
const IPV6 = String.raw`[0-9A-Fa-f:.]{2,45}`;
const FORM = new RegExp(`^(?:(?<name>${NAME})|\\[(?<address>${IPV6})\\])${PORT}$`);

/** `SERVER01`, `server01.example:4450`, `[2001:db8::7]`, as a pattern; no path and no share, since a host is named by this text. */
export const HOST = FORM.source.slice(1, -1);

/** Reads `HOST`, `HOST:PORT` and `[IPv6]:PORT`; `port` is for those without. Throws `invalid-request`. */
export function hostAddress(text: string, port = SMB_PORT): HostAddress {
  const { name, address, port: own } = FORM.exec(text)?.groups ?? {};
  const host = name ?? address;
  const number = own === undefined ? port : Number(own);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new DisconnectError('invalid-request', `"${text.slice(0, 80)}" is no host`, {
      next: 'name it as HOST or HOST:PORT, an IPv6 address in brackets',
    });
  }
  const shown = host.includes(':') ? `[${host}]` : host;
  return { endpoint: number === SMB_PORT ? shown : `${shown}:${number}`, host, port: number };
}
