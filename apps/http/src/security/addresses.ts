import { parseIp, parseRange, contains } from '../outbound/ip-range.ts';

const LOOPBACK = ['127.0.0.0/8', '::1/128'].flatMap((text) => parseRange(text) ?? []);

/** Whether an address, as sockets say it, is one of this machine alone. */
export function isLoopback(address: string): boolean {
  const ip = parseIp(address);
  return ip !== undefined && LOOPBACK.some((range) => contains(range, ip));
}

/** What an address is counted under: one of IPv6 with its neighbours in the network of 64 bits that a single client is given. */
export function countedAs(address: string): string {
  const ip = parseIp(address);
  if (ip === undefined || ip.bits === 32) return address;
  return `${(ip.value >> 64n).toString(16)}/64`;
}
