// node bare-requests.mjs FACTS AT_ONCE FROM TO: sends for some tokens of the appliance what a disconnect sends, and its verification,
// with the same HTTP client, and does nothing else.
import { appliance, forEach, newSlipline, tell } from './slipline.mjs';

const [from, to] = process.argv.slice(4).map(Number);
const tokens = appliance.tokens.slice(from, to);
const url = `https://${appliance.endpoint}/rest`;
const fixed = { accept: 'application/json', 'accept-language': 'en-US', 'x-api-version': '8800' };

let fetch;
const slipline = newSlipline([
  {
    contract: 1,
    id: 'bare',
    title: 'bare requests',
    impact: 'low',
    find: {},
    create: (host) => {
      ({ fetch } = host);
      return { find: async function* () {}, disconnect: async () => ({ wasGone: true }) };
    },
  },
]);
await slipline.sessions({ provider: 'bare', isLive: true });

await tell(tokens.length, () =>
  forEach(tokens.length, async (place) => {
    const auth = tokens[place];
    await answer(204, `${url}/login-sessions`, { method: 'DELETE', headers: { ...fixed, auth } });
    await answer(404, `${url}/sessions`, { headers: { ...fixed, auth, 'session-id': auth } });
  }),
);
await slipline[Symbol.asyncDispose]();

async function answer(status, target, options) {
  const response = await fetch(target, options);
  await response.text();
  if (response.status !== status) throw new Error(`${target} answers ${response.status}, not ${status}.`);
}
