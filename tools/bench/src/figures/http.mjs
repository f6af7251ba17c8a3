// The HTTP service. What lists and streams is measured on what the checkout has built, since a route that answers fixed bytes behind the
// same plugins has to stand beside it; its start is measured on what a user installs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { startAppliance } from '../appliance.mjs';
import { bareEnvironment, probe } from '../installation.mjs';
import { nodes } from '../nodes.mjs';
import { median } from '../rounds.mjs';

const COUNT = 10_000;
const STREAMS = 500;
const CONNECTIONS = 50;
const PROGRAMS = join(import.meta.dirname, '../probes');
const DIST = join(import.meta.dirname, '../../../../apps/http/dist');

/** Rate of lists, a job of many disconnects, memory of streams of events, and how long a start takes. */
export async function http(installation) {
  const app = await installation.app('http');
  const rows = [];
  for (const node of nodes()) {
    rows.push(...(await lists(node, app, installation)));
    rows.push(...(await job(node, app, installation)));
    rows.push(await streams(node, installation));
    rows.push(await start(node, app, installation));
  }
  return rows;
}

async function lists(node, app, installation) {
  const home = installation.newFolder('home');
  probe(node, app, 'fill', home, String(COUNT));
  const service = await startService(node, home);
  try {
    const paths = ['/v1/sessions?limit=100', '/static'];
    const numbers = [service.port, service.keys[0], CONNECTIONS, 8, 1000].map(String);
    const load = spawn(node.program, [join(PROGRAMS, 'http-load.mjs'), ...numbers, ...paths], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Medians of the rounds: what disturbs the machine disturbs some of them.
    const [list, fixed] = JSON.parse(await lineOf(load)).map((measured) => {
      const of = (name) => median(measured.map((round) => round[name]));
      return { rate: of('rate'), p50: of('p50'), p99: of('p99') };
    });
    const common = { node: node.version };
    return [
      {
        ...common,
        figure: `100 of ${COUNT} sessions over HTTP`,
        unit: '/s',
        value: list.rate,
        baseline: { what: 'the same bytes, fixed', value: fixed.rate },
        compared: 'ratio',
        target: 0.6,
        bound: 'least',
      },
      {
        ...common,
        figure: `100 of ${COUNT} sessions over HTTP: 99 of 100`,
        unit: 'ms',
        value: list.p99,
        baseline: { what: 'the same bytes, fixed', value: fixed.p99 },
        compared: 'value',
        target: 25,
        bound: 'most',
        note: `with ${CONNECTIONS} connections; half of all are answered within ${list.p50.toFixed(1)} ms`,
      },
    ];
  } finally {
    await service.stop();
  }
}

async function job(node, app, installation) {
  const home = installation.newFolder('home');
  const appliance = await startAppliance(node, app, join(home, 'facts.json'), 3 * COUNT);
  try {
    const fill = (from) =>
      probe(node, app, 'fill', home, String(COUNT), 'hpe-oneview', appliance.facts, String(from));
    // As many at once at one system as a job has. The library runs before and after, so that a machine which becomes slower or faster
    // disturbs neither.
    const library = () => probe(node, app, 'disconnect-all', home, appliance.facts, '4', String(COUNT));
    fill(0);
    const before = library();
    fill(COUNT);
    const measured = await disconnectAll(node, home, appliance.authorityFile);
    fill(2 * COUNT);
    const loops = [before, library()];
    const mean = (name) => loops.reduce((sum, loop) => sum + loop[name], 0) / loops.length;
    const common = { figure: `a job of ${COUNT} disconnects`, node: node.version };
    return [
      {
        ...common,
        unit: '/s',
        value: measured.perSecond,
        baseline: { what: 'the library', value: mean('perSecond') },
        compared: 'ratio',
        target: 0.7,
        bound: 'least',
      },
      {
        ...common,
        figure: `${common.figure}: memory`,
        unit: 'MB',
        value: measured.megabytes,
        baseline: { what: 'the library', value: mean('megabytes') },
        compared: 'difference',
        target: 200,
        bound: 'most',
      },
    ];
  } finally {
    await appliance.stop();
  }
}

/** Every session of the ledger in one job, from the request to its last event, and the most memory that the service ever had. */
async function disconnectAll(node, home, authorityFile) {
  const service = await startService(node, home, authorityFile);
  try {
    const sessions = [];
    for (let cursor; ;) {
      const query = `limit=1000${cursor === undefined ? '' : `&cursor=${cursor}`}`;
      const page = await service.ask('GET', `/v1/sessions?${query}`);
      sessions.push(...page.items.map(({ key }) => key));
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    const plan = await service.ask('POST', '/v1/plans', { sessions });
    const begun = performance.now();
    const { id } = await service.ask('POST', '/v1/disconnections', { plan: plan.id, confirm: true });
    await service.text('GET', `/v1/disconnections/${id}/events`);
    const milliseconds = performance.now() - begun;
    const { counts } = await service.ask('GET', `/v1/disconnections/${id}`);
    if (counts.disconnected !== COUNT)
      throw new Error(`${counts.disconnected} of ${COUNT} are disconnected.`);
    return { perSecond: (1000 * COUNT) / milliseconds, megabytes: service.megabytes().most };
  } finally {
    await service.stop();
  }
}

/** Streams that hear of a thousand sessions, opened by another process. */
async function streams(node, installation) {
  const app = await installation.app('http');
  const home = installation.newFolder('home');
  const service = await startService(node, home);
  try {
    const before = service.megabytes().now;
    const agent = new Agent({ maxSockets: Infinity });
    const answers = await Promise.all(
      Array.from({ length: STREAMS }, (_, place) => service.listen(place, agent)),
    );
    probe(node, app, 'fill', home, '1000');
    await Promise.all(answers.map(({ heard }) => heard(1000)));
    const value = service.megabytes().most;
    for (const { answer } of answers) answer.destroy();
    return {
      figure: `${STREAMS} streams of events`,
      node: node.version,
      unit: 'MB',
      value,
      baseline: { what: 'the service without', value: before },
      compared: 'value',
      target: 150,
      bound: 'most',
    };
  } finally {
    await service.stop();
  }
}

async function start(node, app, installation) {
  const program = join(app, 'node_modules/@slipline/http/bin/slipline-http.cjs');
  const home = installation.newFolder('home');
  const times = { 'node -e 0': [], start: [] };
  for (let round = -2; round < 9; round += 1) {
    const nothing = await timeUntil('exit', node, ['-e', '0'], home);
    const ready = await timeUntil('line', node, [program, '--port', '0', '--log-level', 'warn'], home);
    if (round < 0) continue;
    times['node -e 0'].push(nothing);
    times.start.push(ready);
  }
  return {
    figure: 'slipline-http, until it is ready',
    node: node.version,
    unit: 'ms',
    value: median(times.start),
    baseline: { what: 'node -e 0', value: median(times['node -e 0']) },
    compared: 'value',
    target: 700,
    bound: 'most',
  };
}

/** Milliseconds until a process has printed a line, which is then ended, or until its exit. */
async function timeUntil(what, node, args, home) {
  const begun = performance.now();
  const child = spawn(node.program, args, {
    env: bareEnvironment(home),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await (what === 'exit' ? ended : once(child.stdout, 'data'));
  const milliseconds = performance.now() - begun;
  child.kill('SIGTERM');
  await ended;
  return milliseconds;
}

async function lineOf(child) {
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
  if (typeof line !== 'string') throw new Error(`A program of the bench ended with ${line}.`);
  return line;
}

async function startService(node, home, ...args) {
  const child = spawn(node.program, [join(PROGRAMS, 'http-service.mjs'), DIST, ...args], {
    env: bareEnvironment(home),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { port, keys } = JSON.parse(await lineOf(child));
  const text = async (method, path, body) => {
    const answer = await globalThis.fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${keys[0]}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.text();
  };
  return {
    port,
    keys,
    text,
    ask: async (...request) => JSON.parse(await text(...request)),
    listen: (place, agent) => listen(port, keys[place % keys.length], agent),
    megabytes: () => memoryOf(child.pid),
    stop: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** A stream that is open, and `heard`, which waits until it has told of so many sessions that are live. */
function listen(port, key, agent) {
  return new Promise((resolve, reject) => {
    const options = { port, agent, path: '/v1/events', headers: { authorization: `Bearer ${key}` } };
    const asking = get({ host: '127.0.0.1', ...options }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`A stream is answered with ${answer.statusCode}.`));
      let live = 0;
      let rest = '';
      let wake;
      let wanted = Infinity;
      answer.setEncoding('utf8').on('error', () => undefined);
      answer.on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        live += lines.filter((line) => line.includes('"state":"live"')).length;
        if (live >= wanted) wake();
      });
      const heard = (count) =>
        new Promise((told) => {
          wake = told;
          wanted = count;
          if (live >= count) told();
        });
      answer.once('data', () => resolve({ answer, heard }));
    });
    asking.on('error', reject);
  });
}

/** Megabytes that a process has now, and the most it ever had. */
function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) * 1024) / 1e6;
  return { now: of('VmRSS'), most: of('VmHWM') };
}
