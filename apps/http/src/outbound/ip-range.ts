import { isIPv4, isIPv6 } from 'node:net';

/** An address as a number; one of IPv4 inside IPv6 (`::ffff:1.2.3.4`) is that of IPv4, since sockets go to the same place. */
export interface Ip {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A CIDR range; of one address where nothing else is said. */
export interface IpRange extends Ip {
  readonly prefix: number;
}

const MAPPED = 0xffffn;

/** `undefined` for what is no address in its usual form. A zone (`fe80::1%eth0`) is left out: it does not make an address another. */
export function parseIp(text: string): Ip | undefined {
  const plain = text.replace(/%[^%]*$/, '');
  if (isIPv4(plain)) return { bits: 32, value: fromParts(plain.split('.').map(Number), 8n) };
  if (!isIPv6(plain)) return undefined;
  // The URL parser writes all of them in one way: hexadecimal, without dots.
  const [head = '', tail] = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  const value = fromParts([...front, ...new Array<number>(gap).fill(0), ...back], 16n);
  return value >> 32n === MAPPED ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value };
}

/** `address` or `address/prefix`, where nothing stands behind the prefix. */
export function parseRange(text: string): IpRange | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const ip = address.includes('%') ? undefined : parseIp(address);
  if (ip === undefined) return undefined;
  const isMapped = ip.bits === 32 && address.includes(':');
  const prefix = length === undefined ? ip.bits : Number(length) - (isMapped ? 96 : 0);
  if (prefix < 0 || prefix > ip.bits) return undefined;
  const rest = BigInt(ip.bits - prefix);
  return (ip.value >> rest) << rest === ip.value ? { ...ip, prefix } : undefined;
}

export function contains(range: IpRange, ip: Ip): boolean {
  const rest = BigInt(range.bits - range.prefix);
  return range.bits === ip.bits && range.value >> rest === ip.value >> rest;
}

/** Whether `inner` is `outer`, or a part of it. */
export function isWithin(inner: IpRange, outer: IpRange): boolean {
  return inner.prefix >= outer.prefix && contains(outer, inner);
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}

function fromParts(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((value, part) => (value << width) | BigInt(part), 0n);
}
