// node disconnect-all.mjs FACTS AT_ONCE COUNT: disconnects every session in the ledger of SLIPLINE_HOME, which are COUNT, verified.
import { atOnce, newSlipline, tell } from './slipline.mjs';

const count = Number(process.argv[4]);
const slipline = newSlipline();
const plan = await slipline.plan({ provider: 'hpe-oneview', all: true });
const concurrency = { concurrency: atOnce, concurrencyPerEndpoint: atOnce };
await tell(count, async () => {
  const { outcomes } = await slipline.apply(plan, concurrency);
  const verified = outcomes.filter(({ verification }) => verification === 'verified');
  if (verified.length !== count) throw new Error(`${verified.length} of ${count} are verified.`);
});
await slipline[Symbol.asyncDispose]();
