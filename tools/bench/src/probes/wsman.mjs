// What the probes of WinRM have in common. Facts of the services come from the file that is named first.
import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { wsman } from '@slipline/wsman';

export const { user, password, services } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

export const credential = () => ({ userName: user, password: new Secret(password) });

export const newSlipline = (providers = [wsman()]) => new Slipline({ providers, ledger: new MemoryLedger() });

/** Connects to one of the services. */
export async function connect(slipline, { port }) {
  const { session } = await slipline.connect('wsman', { computerName: '127.0.0.1', port, ...credential() });
  return session;
}

const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** A bare client of one service: posts over one kept connection, in the clear, reads the answers and understands nothing. */
export function bareClient({ port }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization, 'content-type': 'application/soap+xml;charset=UTF-8' };
  return {
    post: (body) =>
      new Promise((resolve, reject) => {
        const call = request(
          { port, host: '127.0.0.1', method: 'POST', path: '/wsman', agent, headers },
          (answer) => {
            const chunks = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('end', () =>
              resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }),
            );
            answer.on('error', reject);
          },
        );
        call.on('error', reject);
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** The network that core lends to providers. */
export async function lentDial() {
  let dial;
  const create = (host) => {
    dial = (target, signal) => host.dial(target, signal);
    return { find: async function* () {}, disconnect: async () => ({ wasGone: true }) };
  };
  const plugin = { contract: 1, id: 'bare', title: 'lends its network', impact: 'low', find: {}, create };
  const slipline = newSlipline([plugin]);
  await slipline.sessions({ provider: 'bare', isLive: true });
  return { dial, slipline };
}

/** The median of what `work` takes, in milliseconds. */
export async function timed(count, work) {
  const times = [];
  for (let round = 0; round < count; round += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  return times[Math.floor(count / 2)];
}
