// node leave-behind.mjs FACTS FROM TO: writes sessions of the appliance into the ledger as those of this process, and leaves them.
import { readFileSync } from 'node:fs';
import { Secret } from '@slipline/core';
import { openLedger } from '@slipline/ledger';
import { openedAt, writeAhead } from './session.mjs';

const { endpoint, tokens } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const ledger = await openLedger({ onNotice: () => undefined });
for (const token of tokens.slice(Number(process.argv[3]), Number(process.argv[4]))) {
  const opened = { ...openedAt(0), endpoint, scope: 'process', secret: new Secret(token) };
  await ledger.opened(await writeAhead(ledger, opened), opened);
}
await ledger[Symbol.asyncDispose]();
console.log('true');
