// node fill.mjs COUNT [PROVIDER [FACTS FROM]]: writes that many open sessions of a provider into the ledger of SLIPLINE_HOME; where an
// appliance is named by its facts, those that it has from FROM on.
import { readFileSync } from 'node:fs';
import { openLedger } from '@slipline/ledger';
import { openedAt, openedOn, writeAhead } from './session.mjs';

const [count, provider = 'hpe-oneview', facts, from] = process.argv.slice(2);
const appliance = facts === undefined ? undefined : JSON.parse(readFileSync(facts, 'utf8'));
const ledger = await openLedger({ onNotice: () => undefined });
for (let place = 1; place <= Number(count); place += 1) {
  const opened =
    appliance === undefined ? openedAt(place, provider) : openedOn(appliance, Number(from) + place - 1);
  await ledger.opened(await writeAhead(ledger, opened, provider), opened);
}
await ledger[Symbol.asyncDispose]();
console.log('true');
