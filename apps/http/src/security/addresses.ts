import { BlockList, isIPv4, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an address, as sockets say it, is one of this machine alone. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return (isIPv4(plain) && loopback.check(plain, 'ipv4')) || (isIPv6(plain) && loopback.check(plain, 'ipv6'));
}
