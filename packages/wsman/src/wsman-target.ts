import { DisconnectError, type JsonObject } from '@slipline/core';
import type { ConnectValues } from './plugin.ts';

/** Where a service is, and what a person calls it. */
export interface WsmanTarget {
  /** As it was given: spellings of one computer stay apart. `localhost` for this one. */
  readonly computerName: string;
  /** What is dialled: the name without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** With its leading slash. */
  readonly path: string;
}

const PORTS = { plain: 5985, secure: 5986 };
const URI = /^(https?):\/\/([^/?#@\s]+?)(?::(\d{1,5}))?(\/[^?#\s]*)?$/i;

/** Not given, empty and `.` all mean this computer (as both cmdlets have it). */
export function computerOf(name: string | undefined): string {
  return name === undefined || name === '' || name === '.' ? 'localhost' : name;
}

export function isLocal(name: string | undefined): boolean {
  return computerOf(name).toLowerCase() === 'localhost';
}

/** Throws `invalid-request` for a connection URI that is none. */
export function targetOf(values: ConnectValues): WsmanTarget {
  const { connectionUri, useSsl: isSecure = false, applicationName = 'wsman' } = values;
  if (connectionUri !== undefined) return targetOfUri(connectionUri);
  const computerName = computerOf(values.computerName);
  const port = values.port ?? (isSecure ? PORTS.secure : PORTS.plain);
  return {
    computerName,
    host: hostOf(computerName),
    port,
    isSecure,
    path: `/${applicationName.replace(/^\//, '')}`,
  };
}

function targetOfUri(uri: string): WsmanTarget {
  const [, scheme = '', computerName, port, path = '/wsman'] = URI.exec(uri) ?? [];
  const isSecure = scheme.toLowerCase() === 'https';
  const number = port === undefined ? (isSecure ? PORTS.secure : PORTS.plain) : Number(port);
  if (computerName === undefined || !URL.canParse(uri) || number < 1) {
    throw new DisconnectError('invalid-request', 'this is no connection URI', {
      next: 'write it as http://COMPUTER:PORT/APPLICATION or https://COMPUTER:PORT/APPLICATION',
    });
  }
  return {
    computerName,
    host: hostOf(computerName),
    port: number,
    isSecure,
    path: path === '/' ? '/wsman' : path,
  };
}

/** `server01`; with its port where that is not the usual one, since another port may be another computer. */
export function endpointOf({ computerName, port, isSecure }: WsmanTarget): string {
  const isUsual = port === (isSecure ? PORTS.secure : PORTS.plain);
  return isUsual ? computerName : `${bracketed(computerName)}:${port}`;
}

export function urlOf({ host, port, isSecure, path }: WsmanTarget): string {
  return `${isSecure ? 'https' : 'http'}://${bracketed(host)}:${port}${path}`;
}

/** Whether `text` names the connection with these details and this number: `server`, `server:5985`, `server:5985/wsman`, `2`. */
export function namesConnection(text: string, number: string, details: JsonObject): boolean {
  // Windows lets no computer have a name of digits alone.
  if (/^\d+$/.test(text)) return text === number;
  const { computerName, port, path } = details;
  if (typeof computerName !== 'string' || typeof port !== 'number' || typeof path !== 'string') return false;
  const withPort = `${bracketed(computerName)}:${port}`;
  return [computerName, withPort, `${withPort}${path}`].some(
    (spelling) => spelling.toLowerCase() === computerOf(text).toLowerCase(),
  );
}

function hostOf(computerName: string): string {
  return computerName.replace(/^\[(.*)\]$/, '$1');
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
