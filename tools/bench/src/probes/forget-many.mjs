// node forget-many.mjs PROVIDER COUNT: forgets every session of a provider in the ledger of SLIPLINE_HOME, which are COUNT; prints how
// many milliseconds that takes.
import { Slipline } from '@slipline/core';
import { openLedger } from '@slipline/ledger';

const [provider, count] = process.argv.slice(2);
const { default: plugin } = await import(`@slipline/${provider}`);
const slipline = new Slipline({
  providers: [plugin()],
  ledger: () => openLedger({ onNotice: () => undefined }),
});
const plan = await slipline.plan({ provider, all: true });
const start = performance.now();
const { outcomes } = await slipline.apply(plan);
const milliseconds = performance.now() - start;
const forgotten = outcomes.filter(({ status, effect }) => status === 'disconnected' && effect === 'forget');
if (forgotten.length !== Number(count)) throw new Error(`${forgotten.length} of ${count} are forgotten.`);
await slipline[Symbol.asyncDispose]();
console.log(milliseconds);
