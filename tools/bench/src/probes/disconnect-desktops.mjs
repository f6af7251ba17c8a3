// node disconnect-desktops.mjs FACTS COUNT: disconnects every session of every host, which are COUNT, verified.
import { credential, hosts, newSlipline } from './windows.mjs';

const count = Number(process.argv[3]);
const slipline = newSlipline();
const start = performance.now();
const selector = { computerName: hosts.map(({ name }) => name), ...credential };
const plan = await slipline.plan({ provider: 'terminal-sessions', selector });
if (plan.steps.length !== count)
  throw new Error(`${plan.steps.length} sessions: ${JSON.stringify(plan.problems[0])}`);
const { outcomes } = await slipline.apply(plan, credential);
const verified = outcomes.filter(({ verification }) => verification === 'verified');
if (verified.length !== count) throw new Error(`${verified.length} of ${count} are verified.`);
const seconds = (performance.now() - start) / 1000;
await slipline[Symbol.asyncDispose]();
console.log(JSON.stringify({ seconds, megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 }));
