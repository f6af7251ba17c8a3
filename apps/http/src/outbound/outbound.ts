import { domainToASCII } from 'node:url';
import { DisconnectError } from '@slipline/core';
import { contains, isWithin, parseIp, parseRange, type Ip, type IpRange } from './ip-range.ts';
import { SPECIAL_RANGES } from './special-ranges.ts';

/** What `NetworkOptions` of core takes: where this service may connect to. */
export interface Outbound {
  /** By what the caller named. */
  readonly allow: (target: { readonly host: string; readonly port: number }) => boolean;
  /** By the address that will be dialled for it. */
  readonly allowAddress: (target: {
    readonly host: string;
    readonly port: number;
    readonly address: string;
  }) => boolean;
}

export interface OutboundOptions {
  /** Whether a proxy looks names up, so that their addresses are not known here. */
  readonly isByProxy?: boolean | undefined;
}

interface Entry {
  readonly port?: number | undefined;
  readonly matches: NameTest | undefined;
  readonly range: IpRange | undefined;
}

type NameTest = (name: string) => boolean;

const LABELS = /^(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * Nothing may be connected to but what is listed: `ov1.example`, `*.corp.example:443`, `10.1.0.0/16:5986`,
 * `[fd00::/8]:5986`. A name that is listed reaches whatever addresses it stands for, but none of loopback, link-local,
 * metadata, multicast and the like: those are listed by address. A name that is not listed reaches addresses that are.
 * Throws `invalid-request` for an entry that is none of these.
 */
export function outboundPolicy(
  listed: readonly string[],
  { isByProxy = false }: OutboundOptions = {},
): Outbound {
  const entries = listed.map(parseEntry);
  const names = (name: string, port: number): boolean =>
    entries.some((entry) => isPort(entry, port) && entry.matches?.(name) === true);
  const lists = (ip: Ip, port: number): boolean =>
    entries.some((entry) => isPort(entry, port) && isListed(entry, ip));
  const hasRanges = (port: number): boolean =>
    entries.some((entry) => isPort(entry, port) && entry.range !== undefined);
  return {
    allow: ({ host, port }) => {
      const { name, ip } = readHost(host);
      if (ip !== undefined) return lists(ip, port);
      return name !== undefined && (names(name, port) || (!isByProxy && hasRanges(port)));
    },
    allowAddress: ({ host, port, address }) => {
      const ip = parseIp(address);
      if (ip === undefined) return false;
      const { name } = readHost(host);
      return lists(ip, port) || (name !== undefined && names(name, port) && !isSpecial(ip));
    },
  };
}

function isPort(entry: Entry, port: number): boolean {
  return entry.port === undefined || entry.port === port;
}

/** A range that holds a special address by the way does not list it: it has to be meant. */
function isListed({ range }: Entry, ip: Ip): boolean {
  if (range === undefined || !contains(range, ip)) return false;
  const special = SPECIAL_RANGES.find((one) => contains(one, ip));
  return special === undefined || isWithin(range, special);
}

function isSpecial(ip: Ip): boolean {
  return SPECIAL_RANGES.some((range) => contains(range, ip));
}

/** What a host is to the functions that connect: they take `0x7f.1` and `2130706433` for addresses as well. */
function readHost(host: string): { readonly name?: string; readonly ip?: Ip } {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const ip = parseIp(bare);
  if (ip !== undefined) return { ip };
  const name = asciiName(bare);
  if (name === undefined) return {};
  const written = parseIp(name);
  return written === undefined ? { name } : { ip: written };
}

/** As DNS knows a name: lower case, without the dot at its end, in Punycode. Numbers come out as the address they mean. */
function asciiName(text: string): string | undefined {
  if (text.length > 253 || /[\s/@?#\\:%[\]]/.test(text)) return undefined;
  const name = domainToASCII(text).replace(/\.$/, '');
  return LABELS.test(name) && name.length <= 253 ? name : undefined;
}

function parseEntry(text: string): Entry {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^[\]]+?))(?::(\d{1,5}))?$/.exec(text) ?? [];
  // An IPv6 address without brackets has no port.
  const bare = parseRange(text);
  const host = bare === undefined ? (bracketed ?? plain) : text;
  const number = bare === undefined && port !== undefined ? Number(port) : undefined;
  if (host === undefined || (number !== undefined && (number < 1 || number > 65_535))) throw unfit(text);
  const range = parseRange(host);
  if (range !== undefined) return { port: number, range, matches: undefined };
  if (bracketed !== undefined) throw unfit(text);
  return { port: number, range: undefined, matches: nameTest(host, text) };
}

function nameTest(host: string, text: string): NameTest {
  const isBelow = host.startsWith('*.');
  const name = asciiName(isBelow ? host.slice(2) : host);
  if (name === undefined || parseIp(name) !== undefined) throw unfit(text);
  if (name === 'localhost' || name.endsWith('.localhost')) {
    throw new DisconnectError(
      'invalid-request',
      `outbound: "${text.slice(0, 80)}" is listed by its address`,
      {
        next: 'write 127.0.0.1 or [::1], with the port',
      },
    );
  }
  return isBelow ? (other) => other.endsWith(`.${name}`) : (other) => other === name;
}

function unfit(text: string): DisconnectError {
  return new DisconnectError('invalid-request', `outbound: "${text.slice(0, 80)}" is not a target`, {
    next: 'write a name, *.name, an address or a range, as in ov1.example:443 or 10.1.0.0/16:5986',
  });
}
