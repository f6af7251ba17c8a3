// A session as an appliance would hand it out.
import { Secret } from '@slipline/core';

/** What was opened at one of many places. */
export function openedAt(place) {
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
export async function writeAhead(ledger, { endpoint, principal }) {
  const { key } = await ledger.open({ provider: 'hpe-oneview', endpoint, principal });
  return key;
}
