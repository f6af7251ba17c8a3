// What the probes of disconnects have in common. Facts of the appliance come from the file that is named first.
import { readFileSync } from 'node:fs';
import { Slipline } from '@slipline/core';
import { hpeOneView } from '@slipline/hpe-oneview';
import { openLedger } from '@slipline/ledger';

export { tell } from './tell.mjs';

export const appliance = JSON.parse(readFileSync(process.argv[2], 'utf8'));
export const atOnce = Number(process.argv[3]);

export function newSlipline(providers = [hpeOneView()]) {
  const ledger = () => openLedger({ onNotice: () => undefined });
  return new Slipline({ providers, ledger, network: { authorities: [appliance.authority] } });
}

/** Calls `work` for each place below `count`, so many at once. */
export async function forEach(count, work) {
  let next = 0;
  const worker = async () => {
    for (let place = next++; place < count; place = next++) await work(place);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
