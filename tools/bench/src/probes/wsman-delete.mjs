// node wsman-delete.mjs FACTS: lists the shells of all services and ends them, verified. Prints shells per second and this process's memory.
import { connect, newSlipline, services } from './wsman.mjs';
import { tell } from './tell.mjs';

const count = services.reduce((sum, { shells }) => sum + shells.length, 0);
const slipline = newSlipline();
for (const service of services) await connect(slipline, service);
const plan = await slipline.plan({ provider: 'wsman', selector: { shells: true } });
await tell(count, async () => {
  const { outcomes } = await slipline.apply(plan, { concurrency: services.length });
  const verified = outcomes.filter(({ verification }) => verification === 'verified');
  if (verified.length !== count) throw new Error(`${verified.length} of ${count} are verified.`);
});
await slipline[Symbol.asyncDispose]();
