// `run` and `cleanup`, as whole processes, beside processes that send the same and do nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAppliance } from '../appliance.mjs';
import { bareEnvironment, probe } from '../installation.mjs';
import { nodes } from '../nodes.mjs';
import { median, processRounds } from '../rounds.mjs';

const ENTRIES = 1000;
const ORPHANS = 10;
const ROUNDS = 9;

export async function leaving(installation) {
  const app = await installation.app();
  const rows = [];
  for (const node of nodes()) rows.push(...(await onNode(node, app, installation)));
  return rows;
}

async function onNode(node, app, installation) {
  const home = installation.newFolder('home');
  const appliance = await startAppliance(node, app, join(home, 'facts.json'), 2 * ORPHANS * ROUNDS);
  const { endpoint, user } = JSON.parse(readFileSync(appliance.facts, 'utf8'));
  writeFileSync(join(home, 'password'), user.password);
  const env = { ...bareEnvironment(home), SLIPLINE_CA_FILE: appliance.authorityFile };
  const program = join(app, 'node_modules/@slipline/cli/bin/slipline.cjs');
  const slipline = (...args) => ({ program: node.program, args: [program, ...args], env });
  const bare = (...args) => ({
    program: node.program,
    args: [join(app, 'probes/bare-calls.mjs'), appliance.facts, ...args.map(String)],
    env,
  });
  try {
    const spec = `hpe-oneview ${endpoint} --user-name ${user.userName} --password-file ${join(home, 'password')}`;
    const run = processRounds({ bare: bare('run'), run: slipline('run', '--with', spec, '--', 'true') });
    probe(node, app, 'fill', home, String(ENTRIES));
    const times = { bare: [], cleanup: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const first = 2 * ORPHANS * round;
      const [middle, end] = [first + ORPHANS, first + 2 * ORPHANS];
      probe(node, app, 'leave-behind', home, appliance.facts, String(first), String(middle));
      const commands = { bare: bare('end', middle, end), cleanup: slipline('cleanup') };
      const measured = processRounds(commands, { rounds: 1, warmUps: 0 });
      for (const name of Object.keys(times)) times[name].push(measured[name]);
    }
    return [
      row(node, 'run -- true, one session', run.run, run.bare, 60),
      row(
        node,
        `cleanup: ${ENTRIES} entries, ${ORPHANS} orphans`,
        median(times.cleanup),
        median(times.bare),
        300,
      ),
    ];
  } finally {
    await appliance.stop();
  }
}

function row(node, figure, value, baseline, target) {
  const what = 'the same calls, bare';
  return {
    figure,
    node: node.version,
    unit: 'ms',
    value,
    baseline: { what, value: baseline },
    compared: 'difference',
    target,
    bound: 'most',
  };
}
