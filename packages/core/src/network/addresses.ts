import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { DisconnectError } from '../errors.ts';
import { nameOf } from './host-name.ts';

interface Target {
  readonly host: string;
  readonly port: number;
}

export type AllowAddress = (target: Target & { readonly address: string }) => boolean;

/**
 * Where a socket is to go: with what it looks the name up by, so that the addresses that were checked are the ones dialled,
 * since a name that is looked up again can stand for others by then. Throws `forbidden` for an address that is not permitted.
 */
export function permittedPlace(
  { host, port }: Target,
  allow: AllowAddress | undefined,
): Target & { readonly lookup?: LookupFunction } {
  if (allow === undefined) return { host, port };
  const isPermitted = (address: string): boolean => allow({ host, port, address });
  if (isIP(host) === 0) return { host, port, lookup: permittedLookup({ host, port }, isPermitted) };
  if (isPermitted(host)) return { host, port };
  throw notAllowed({ host, port });
}

function permittedLookup(target: Target, isPermitted: (address: string) => boolean): LookupFunction {
  return (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const permitted = addresses.filter(({ address }) => isPermitted(address));
      const [first] = permitted;
      if (first === undefined) callback(notAllowed(target), []);
      else if (options.all === true) callback(null, permitted);
      else callback(null, first.address, first.family);
    });
  };
}

/** Not the system's word, which `details` tell. */
export function notAllowed(target: Target): DisconnectError {
  return new DisconnectError('forbidden', 'this target is not allowed by the configuration', {
    system: nameOf(target),
    details: { refusedBy: 'configuration' },
  });
}
