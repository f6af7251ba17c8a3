// 10,000 disconnects with verification, beside the same requests in a bare loop, each in a process of its own.
import { join } from 'node:path';
import { startAppliance } from '../appliance.mjs';
import { probe } from '../installation.mjs';
import { nodes } from '../nodes.mjs';

const COUNT = 10_000;
const AT_ONCE = 16;

/** Rate, and memory beyond that of the loop. */
export async function disconnects(installation) {
  const app = await installation.app();
  const rows = [];
  for (const node of nodes()) rows.push(...(await onNode(node, app, installation)));
  return rows;
}

async function onNode(node, app, installation) {
  const home = installation.newFolder('home');
  const appliance = await startAppliance(node, app, join(home, 'facts.json'), 2 * COUNT);
  try {
    const run = (name, ...args) =>
      probe(node, app, name, home, appliance.facts, String(AT_ONCE), ...args.map(String));
    run('connect-many', COUNT);
    // The loop runs before and after, so that a machine which becomes slower or faster disturbs neither.
    const before = run('bare-requests', 0, COUNT);
    const measured = run('disconnect-all', COUNT);
    const after = run('bare-requests', COUNT, 2 * COUNT);
    return rowsOf(node, measured, [before, after]);
  } finally {
    await appliance.stop();
  }
}

function rowsOf(node, measured, loops) {
  const mean = (name) => loops.reduce((sum, loop) => sum + loop[name], 0) / loops.length;
  const common = { node: node.version, figure: `${COUNT} disconnects` };
  const what = 'bare requests';
  return [
    {
      ...common,
      unit: '/s',
      value: measured.perSecond,
      baseline: { what, value: mean('perSecond') },
      compared: 'ratio',
      target: 0.8,
      bound: 'least',
      note: `on Node ${node.version} each takes ${microseconds(measured)} of the processor, in the loop ${microseconds(loops[0])}`,
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

const microseconds = ({ processorMicroseconds }) => `${Math.round(processorMicroseconds)} µs`;
