// WinRM over the wire, beside bare HTTP posts of the same messages in the clear, which understand nothing of the answers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { bareEnvironment, probe } from '../installation.mjs';
import { nodes } from '../nodes.mjs';
import { processRounds } from '../rounds.mjs';

const LISTED = 1000;
const ENDPOINTS = 50;
const PER_ENDPOINT = 20;

/** An encrypted request, a list, a cold connect and disconnect, and many shells ended. */
export async function wsman(installation) {
  const app = await installation.app('windows-auth', 'wsman');
  const rows = [];
  for (const node of nodes()) rows.push(...(await onNode(node, app, installation)));
  return rows;
}

async function onNode(node, app, installation) {
  const home = installation.newFolder('home');
  const one = await startServices(node, app, join(home, 'one.json'), 1, LISTED);
  try {
    return [
      ...warm(node, probe(node, app, 'wsman-warm', home, one.facts)),
      cold(node, app, one.facts),
      ...(await deletions(node, app, home)),
    ];
  } finally {
    await one.stop();
  }
}

function warm({ version }, { sealed, clear, list, bareList }) {
  const common = { node: version, unit: 'ms', compared: 'value', bound: 'most' };
  return [
    {
      ...common,
      figure: 'wsman: encrypted request',
      value: sealed,
      baseline: { what: 'bare post', value: clear },
      target: 3,
    },
    {
      ...common,
      figure: `wsman: list ${LISTED} shells`,
      value: list,
      baseline: { what: 'bare posts', value: bareList },
      target: 150,
    },
  ];
}

function cold(node, app, facts) {
  const nothing = 'node -e 0';
  const figure = 'wsman: connect, Identify, disconnect';
  const env = bareEnvironment();
  const times = processRounds({
    [nothing]: { program: node.program, args: ['-e', '0'], env },
    [figure]: { program: node.program, args: [join(app, 'probes/wsman-cold.mjs'), facts], env },
  });
  const baseline = { what: nothing, value: times[nothing] };
  return {
    figure,
    node: node.version,
    unit: 'ms',
    value: times[figure],
    baseline,
    compared: 'difference',
    target: 90,
    bound: 'most',
  };
}

async function deletions(node, app, home) {
  // Each run ends its shells, so that it needs services of its own; the bare one runs before and after.
  const run = async (name) => {
    const many = await startServices(node, app, join(home, `${name}.json`), ENDPOINTS, PER_ENDPOINT);
    try {
      return probe(node, app, name, home, many.facts);
    } finally {
      await many.stop();
    }
  };
  const before = await run('wsman-bare-delete');
  const measured = await run('wsman-delete');
  const after = await run('wsman-bare-delete');
  const mean = (name) => (before[name] + after[name]) / 2;
  const common = {
    node: node.version,
    figure: `wsman: ${ENDPOINTS * PER_ENDPOINT} shells on ${ENDPOINTS} computers`,
  };
  const what = 'bare posts';
  return [
    {
      ...common,
      unit: '/s',
      value: measured.perSecond,
      baseline: { what, value: mean('perSecond') },
      compared: 'ratio',
      target: 0.7,
      bound: 'least',
      note: `on Node ${node.version} each takes ${Math.round(measured.processorMicroseconds)} µs of the processor, in the loop ${Math.round(before.processorMicroseconds)} µs`,
    },
    {
      ...common,
      figure: `${common.figure}: memory`,
      unit: 'MB',
      value: measured.megabytes,
      baseline: { what, value: mean('megabytes') },
      compared: 'difference',
      target: 60,
      bound: 'most',
    },
  ];
}

/** Fake services in a process of their own; what they say of themselves goes to a file, for probes to read. */
async function startServices(node, app, facts, endpoints, shells) {
  const args = [join(app, 'probes/winrm.mjs'), String(endpoints), String(shells)];
  const child = spawn(node.program, args, { env: bareEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (typeof line !== 'string') throw new Error(`The fake services ended with ${line}.`);
  writeFileSync(facts, line);
  return {
    facts,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
