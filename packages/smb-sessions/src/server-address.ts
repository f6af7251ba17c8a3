import { DisconnectError } from '@slipline/core';

export interface ServerAddress {
  /** What its sessions are known by: the name as given, with its port where that is not 445. */
  readonly endpoint: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

const SMB_PORT = 445;

/** `FILES01`, `files01.example:4450`, `[2001:db8::7]`. */
export const SERVER = String.raw`(?:[^\s/\\?#@:%\[\]<>^|"'{}$,;]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?`;
const FORM = new RegExp(`^${SERVER}$`);

/** `port` is for those without. Throws `invalid-request`. */
export function serverAddress(text: string, port = SMB_PORT): ServerAddress {
  const own = /:(\d+)$/.exec(text);
  const number = own === null ? port : Number(own[1]);
  if (!FORM.test(text) || number < 1 || number > 65_535) {
    throw new DisconnectError('invalid-request', `"${text.slice(0, 80)}" is no server`, {
      next: 'name it as HOST or HOST:PORT, an IPv6 address in brackets',
    });
  }
  const shown = own === null ? text : text.slice(0, own.index);
  const endpoint = number === SMB_PORT ? shown : `${shown}:${number}`;
  return { endpoint, host: shown.replace(/^\[|\]$/g, ''), port: number };
}
