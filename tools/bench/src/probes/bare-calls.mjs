// node bare-calls.mjs FACTS run: what `slipline run -- true` sends, one request after the other, and `true`.
// node bare-calls.mjs FACTS end FROM TO: what ending these sessions sends, all at once.
// By node:https alone, and nothing else.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

const [, , facts, what, from, to] = process.argv;
const { endpoint, authority, user, tokens } = JSON.parse(readFileSync(facts, 'utf8'));
const agent = new Agent({ ca: authority, keepAlive: true });
const fixed = { accept: 'application/json', 'accept-language': 'en-US', 'x-api-version': '8800' };

function call(method, path, headers = {}, body) {
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers: { ...fixed, ...headers } };
    const sent = request(`https://${endpoint}/rest${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function end(auth) {
  const { status } = await call('DELETE', '/login-sessions', { auth });
  if (status !== 204) throw new Error(`The appliance answers ${status}.`);
  await call('GET', '/sessions', { auth, 'session-id': auth });
}

async function run() {
  await call('GET', '/version');
  await call('GET', '/logindetails');
  const { text } = await call(
    'POST',
    '/login-sessions',
    { 'content-type': 'application/json' },
    JSON.stringify({ ...user, loginMsgAck: false }),
  );
  const { sessionID } = JSON.parse(text);
  spawnSync('true');
  await end(sessionID);
}

if (what === 'run') await run();
else await Promise.all(tokens.slice(Number(from), Number(to)).map(end));
agent.destroy();
