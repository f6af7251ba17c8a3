// Desktops on Windows hosts: behind Debian's smbd, encrypted, where it can be started here; and on many fake hosts.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { bareEnvironment, probe } from '../installation.mjs';
import { nodes } from '../nodes.mjs';
import { median } from '../rounds.mjs';

const HOSTS = 100;
const SESSIONS = 10;
const ROUNDS = 21;
const PEOPLE = [60, 3];
/** What the probe of one host takes. */
const USED = 30;

export async function desktops(installation) {
  const app = await installation.app('terminal-sessions', 'msrpc', 'windows-auth');
  const rows = [];
  for (const node of nodes()) {
    const home = installation.newFolder('home');
    rows.push(...(await oneHost(node, app, home)), ...(await manyHosts(node, app, home)));
  }
  return rows;
}

async function oneHost(node, app, home) {
  const kind = spawnSync('smbd', ['--version']).status === 0 && process.getuid?.() === 0 ? 'samba' : 'fake';
  const hosts = await startHosts(node, app, home, [kind, ...PEOPLE]);
  const what = kind === 'samba' ? 'smbd' : 'the fake, smbd being absent';
  try {
    const { fresh, list, each } = probe(node, app, 'desktops', home, hosts.file);
    const process = wholeProcess(node, app, home, hosts.facts);
    const row = (figure, value, target) => ({
      figure: `${figure} (${what})`,
      node: node.version,
      unit: 'ms',
      value,
      compared: 'value',
      target,
      bound: 'most',
    });
    return [
      row('list and disconnect, fresh connection', fresh, 20),
      row('list again', list, 1.5),
      row('each session more', each, 1),
      {
        ...row('slipline disconnect terminal-sessions', process.value, 150),
        baseline: { what: 'node -e 0', value: process.nothing },
        compared: 'difference',
      },
    ];
  } finally {
    await hosts.stop();
  }
}

async function manyHosts(node, app, home) {
  const count = HOSTS * SESSIONS;
  const hosts = await startHosts(node, app, home, ['fake', ...Array.from({ length: HOSTS }, () => SESSIONS)]);
  const { seconds, megabytes } = probe(node, app, 'disconnect-desktops', home, hosts.file, String(count));
  const { changes, twice } = await hosts.stop();
  if (changes !== count || twice !== 0)
    throw new Error(`${changes} were disconnected, ${twice} of them twice.`);
  const figure = `${count} sessions on ${HOSTS} fake hosts`;
  const common = { node: node.version, compared: 'value', bound: 'most' };
  return [
    {
      ...common,
      figure,
      unit: 's',
      value: seconds,
      target: 6,
      note: 'the hosts run in one process beside it',
    },
    { ...common, figure: `${figure}: memory`, unit: 'MB', value: megabytes, target: 300 },
  ];
}

/** A session of its own for each round, since one that is disconnected takes less. */
function wholeProcess(node, app, home, { hosts: [{ name, port }], user }) {
  const program = join(app, 'node_modules/@slipline/cli/bin/slipline.cjs');
  const env = {
    ...bareEnvironment(home),
    SLIPLINE_RESOLVE: `${name}:127.0.0.1:${port}`,
    PASSWORD: user.password,
  };
  const times = { nothing: [], value: [] };
  const timed = (list, args) => {
    const start = performance.now();
    const { status, stderr } = spawnSync(node.program, args, { env, encoding: 'utf8' });
    list.push(performance.now() - start);
    if (status !== 0) throw new Error(stderr);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    timed(times.nothing, ['-e', '0']);
    const credential = ['--user-name', user.userName, '--password-env', 'PASSWORD'];
    const id = String(USED + round);
    const line = ['disconnect', 'terminal-sessions', name, '--session-id', id, ...credential, '--yes'];
    timed(times.value, [program, ...line]);
  }
  return { nothing: median(times.nothing), value: median(times.value) };
}

async function startHosts(node, app, home, args) {
  const program = [join(app, 'probes/windows-hosts.mjs'), ...args.map(String)];
  const child = spawn(node.program, program, { env: bareEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null');
  const facts = await next();
  if (facts === null) throw new Error('The hosts did not start.');
  const file = join(home, `hosts-${args.length}.json`);
  writeFileSync(file, JSON.stringify(facts));
  return {
    file,
    facts,
    stop: async () => {
      child.stdin.end();
      const end = await next();
      await ended;
      return end;
    },
  };
}
