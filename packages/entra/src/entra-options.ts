import { DisconnectError } from '@slipline/core';
import type { Variables } from '@slipline/microsoft-identity';
import type { EntraOptions } from './plugin.ts';

/** Options, checked as far as that needs no other module. */
export interface EntraSettings extends Pick<EntraOptions, 'clientId' | 'environments'> {
  readonly variables: Variables;
}

const KNOWN = ['clientId', 'environments', 'variables'];

/** Throws `invalid-request` for what is unknown or of a wrong kind. */
export function settingsOf(options: EntraOptions): EntraSettings {
  const { clientId, environments, variables = process.env } = options;
  const isGood =
    Object.keys(options).every((name) => KNOWN.includes(name)) &&
    (clientId === undefined || typeof clientId === 'string') &&
    (environments === undefined || Array.isArray(environments)) &&
    typeof variables === 'object' &&
    variables !== null;
  if (isGood) return { clientId, environments, variables };
  throw new DisconnectError('invalid-request', 'an option of entra is unknown or of a wrong kind', {
    next: `use ${KNOWN.join(', ')}`,
  });
}
