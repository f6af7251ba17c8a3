// node desktops.mjs FACTS: prints what it takes, in milliseconds, to list the first host and disconnect a session of it over a fresh
// connection (`fresh`), to list the second host, which has few people, again when nobody matches (`list`), and for each session more
// that is listed of the first one (`each`).
import { credential, hosts, newSlipline, request } from './windows.mjs';

const ROUNDS = 21;
const [many, few] = hosts.map(({ name }) => [name]);
const times = { fresh: [], list: [], none: [], all: [] };
const timed = async (name, work) => {
  const start = performance.now();
  const result = await work();
  times[name].push(performance.now() - start);
  return result;
};
const median = (numbers) => numbers.sort((one, other) => one - other)[numbers.length >> 1];

let count = 0;
for (let round = -3; round < ROUNDS; round += 1) {
  const slipline = newSlipline();
  const report = await timed('fresh', async () => {
    const selector = { computerName: many, user: [`user${round + 5}`], ...credential };
    return slipline.apply(await slipline.plan({ provider: 'terminal-sessions', selector }), credential);
  });
  if (report.outcomes[0]?.verification !== 'verified') throw new Error(JSON.stringify(report));
  await request(slipline, {}, few);
  await timed('list', () => request(slipline, { user: ['nobody'] }, few));
  await timed('none', () => request(slipline, { user: ['nobody'] }, many));
  count = (await timed('all', () => request(slipline, {}, many))).sessions.length;
  if (round < 0) for (const list of Object.values(times)) list.length = 0;
  await slipline[Symbol.asyncDispose]();
}
const [fresh, list, none, all] = Object.values(times).map(median);
console.log(JSON.stringify({ fresh, list, each: (all - none) / count, count }));
