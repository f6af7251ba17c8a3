import { parseRange, type IpRange } from './ip-range.ts';

/**
 * Addresses that a name never makes reachable, since no name of a managed system means them and much that trusts its
 * neighbours listens there: IANA's special-purpose registries (RFC 6890), and where clouds give out credentials.
 */
export const SPECIAL_RANGES: readonly IpRange[] = [
  '0.0.0.0/8', // this host
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, with the metadata of most clouds at .169.254
  '192.0.0.0/24', // protocol assignments, with the metadata of Oracle's cloud at .192
  '100.100.100.200/32', // metadata of Alibaba's cloud
  '168.63.129.16/32', // the wire server of Azure
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  '::/96', // unspecified, loopback, and IPv4-compatible
  '::ffff:0:0:0/96', // IPv4-translated
  '64:ff9b::/96', // NAT64
  '64:ff9b:1::/48', // NAT64 of one's own
  '2001::/32', // Teredo
  '2002::/16', // 6to4
  'fe80::/10', // link-local
  'fec0::/10', // site-local, as it was
  'fd00:ec2::254/128', // metadata of Amazon's cloud
  'fd20:ce::254/128', // metadata of Google's cloud
  'ff00::/8', // multicast
].map((text) => parseRange(text) as IpRange);
