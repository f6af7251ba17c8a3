// Sessions as their systems would hand them out.
import { Secret } from '@slipline/core';

const TENANT = '11111111-2222-3333-4444-555555555555';

/** What was opened at one of many places. */
export function openedAt(place, provider = 'hpe-oneview') {
  return provider === 'hpe-oneview' ? connection(place) : signIn(place);
}

/** A session that an appliance has. */
export function openedOn({ endpoint, tokens }, place) {
  return { ...connection(place), endpoint, secret: new Secret(tokens[place]) };
}

/** A person's sign-in at a cloud, with a token cache as large as they are. */
function signIn(place) {
  const principal = `person${place}@contoso.example`;
  return {
    endpoint: TENANT,
    kind: 'sign-in',
    label: `${principal} in contoso.example`,
    principal,
    ownership: 'opened',
    effects: ['forget', 'revoke'],
    details: { signIn: 'device-code', accessTokenExpiresAt: '2026-01-01T00:00:00.000Z', account: principal },
    secret: new Secret(`partition-${place}`.padEnd(8000, '0123456789abcdef')),
  };
}

function connection(place) {
  const endpoint = `ov${place}.example.com`;
  return {
    endpoint,
    kind: 'connection',
    label: `Administrator on ${endpoint}`,
    principal: 'Administrator',
    ownership: 'opened',
    effects: ['end'],
    details: { apiVersion: 8800, authLoginDomain: 'LOCAL' },
    secret: new Secret(`token-${place}-0123456789abcdefghijklmnopqrstuvwxyz`),
  };
}

/** Writes ahead that it is about to be opened; answers its key. */
export async function writeAhead(ledger, { endpoint, principal }, provider = 'hpe-oneview') {
  const { key } = await ledger.open({ provider, endpoint, principal });
  return key;
}
