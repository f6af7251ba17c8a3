// node wsman-warm.mjs FACTS: prints how many milliseconds one encrypted request takes on a kept connection, and listing every shell of a
// service; each beside bare posts of the same bodies in the clear.
import { WsmanClient, targetOf } from '@slipline/wsman';
import { bareClient, connect, credential, lentDial, newSlipline, services, timed } from './wsman.mjs';
import { enumerate, IDENTIFY, pull } from './wsman-bodies.mjs';

const ROUNDS = 200;
const LISTS = 11;
const [service] = services;
const { signal } = new globalThis.AbortController();

const { dial, slipline: lender } = await lentDial();
const client = new WsmanClient(dial, {
  target: targetOf({ computerName: '127.0.0.1', port: service.port }),
  identity: { authentication: 'negotiate', credential: credential() },
});
const bare = bareClient(service);
await timed(20, () => client.identify(signal));
await timed(20, () => bare.post(IDENTIFY));
const sealed = await timed(ROUNDS, () => client.identify(signal));
const clear = await timed(ROUNDS, () => bare.post(IDENTIFY));

const slipline = newSlipline();
const { endpoint } = await connect(slipline, service);
const list = await timed(LISTS, async () => {
  const selector = { computerName: [endpoint], shells: true };
  const { sessions, problems } = await slipline.sessions({ provider: 'wsman', selector });
  if (sessions.length !== service.shells.length)
    throw new Error(`${sessions.length} shells: ${problems[0]?.error}`);
});
const bareList = await timed(LISTS, async () => {
  let { text } = await bare.post(enumerate(service));
  for (;;) {
    const context = /<n:EnumerationContext>([^<]+)</.exec(text)?.[1];
    if (context === undefined || text.includes('EndOfSequence')) break;
    ({ text } = await bare.post(pull(service, context)));
  }
});
console.log(JSON.stringify({ sealed, clear, list, bareList }));
client[Symbol.dispose]();
bare.close();
await lender[Symbol.asyncDispose]();
await slipline[Symbol.asyncDispose]();
