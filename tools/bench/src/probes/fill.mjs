// node fill.mjs COUNT: writes that many open sessions into the ledger of SLIPLINE_HOME.
import { openLedger } from '@slipline/ledger';
import { openedAt, writeAhead } from './session.mjs';

const ledger = await openLedger({ onNotice: () => undefined });
for (let place = 1; place <= Number(process.argv[2]); place += 1) {
  const opened = openedAt(place);
  await ledger.opened(await writeAhead(ledger, opened), opened);
}
await ledger[Symbol.asyncDispose]();
console.log('true');
