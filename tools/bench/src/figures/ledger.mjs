// The embedded ledger, in process, beside the same database without a ledger around it.
import { probe } from '../installation.mjs';
import { nodes } from '../nodes.mjs';
import { median } from '../rounds.mjs';

const OPENINGS = 11;
const ENTRIES = 10_000;

/** Opening it, one sealed and durable append, and listing 10,000 entries. */
export async function ledger(installation) {
  const app = await installation.app();
  return nodes().flatMap((node) => {
    const home = installation.newFolder('home');
    probe(node, app, 'fill', home, '20');
    return [opening(node, app, home), ...using(node, app, installation.newFolder('home'))];
  });
}

/** In a new process each time, since the first one loads the driver. */
function opening(node, app, home) {
  const times = { ledger: [], bare: [] };
  for (let round = 0; round < OPENINGS; round += 1) {
    for (const how of ['ledger', 'bare']) times[how].push(probe(node, app, 'open', home, how));
  }
  const baseline = { what: 'bare SQLite', value: median(times.bare) };
  return {
    ...common(node, 'ledger: open'),
    value: median(times.ledger),
    baseline,
    target: node.isNewer ? 6 : 25,
  };
}

function using(node, app, home) {
  const times = probe(node, app, 'ledger', home, String(ENTRIES));
  return [
    {
      ...common(node, 'ledger: sealed append'),
      value: times.append,
      baseline: { what: 'bare insert, FULL', value: times.insert },
      target: 2,
      note: `on Node ${node.version} writing ahead takes ${times.open.toFixed(2)} ms, an fsync ${times.sync.toFixed(2)} ms`,
    },
    {
      ...common(node, `ledger: list ${ENTRIES}`),
      value: times.list,
      baseline: { what: 'SELECT, JSON.parse', value: times.select },
      target: 100,
    },
  ];
}

function common(node, figure) {
  return { figure, node: node.version, unit: 'ms', compared: 'value', bound: 'most' };
}
