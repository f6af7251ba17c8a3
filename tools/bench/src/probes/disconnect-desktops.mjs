// node disconnect-desktops.mjs FACTS COUNT: disconnects every session of every host, which are COUNT, verified.
import { credential, newSlipline, request } from './windows.mjs';

const count = Number(process.argv[3]);
const slipline = newSlipline();
const start = performance.now();
const { sessions, problems } = await request(slipline, {});
if (sessions.length !== count) throw new Error(`${sessions.length} sessions: ${JSON.stringify(problems[0])}`);
const { outcomes } = await slipline.apply(await slipline.plan({ sessions }, credential), credential);
const verified = outcomes.filter(({ verification }) => verification === 'verified');
if (verified.length !== count) throw new Error(`${verified.length} of ${count} are verified.`);
const seconds = (performance.now() - start) / 1000;
await slipline[Symbol.asyncDispose]();
console.log(JSON.stringify({ seconds, megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 }));
