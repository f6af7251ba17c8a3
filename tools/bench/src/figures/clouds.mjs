// Sessions at Microsoft's clouds, listed and forgotten, beside the same commands with sessions on an appliance: what fetches tokens is
// not loaded for them, and the files that are loaded say so.
import { join } from 'node:path';
import { startAppliance } from '../appliance.mjs';
import { bareEnvironment, probe } from '../installation.mjs';
import { loadedFiles, refuseIdentityLibrary } from '../loaded.mjs';
import { nodes } from '../nodes.mjs';
import { processRounds } from '../rounds.mjs';

const CLOUDS = ['entra', 'exchange-online'];
const APPLIANCE = 'hpe-oneview';
const SESSIONS = 10;
const MANY = 1000;
/** Rounds of a disconnect, those that do not count among them; the appliance has sessions for all. */
const ROUNDS = { rounds: 11, warmUps: 2 };

export async function clouds(installation, providers = CLOUDS) {
  const app = await installation.app('microsoft-identity', ...providers);
  const rows = [];
  for (const node of nodes()) {
    rows.push(...lists(node, app, installation, providers));
    rows.push(...(await disconnects(node, app, installation, providers)));
    rows.push(...providers.map((cloud) => many(node, app, installation, cloud)));
  }
  return rows;
}

function lists(node, app, installation, providers) {
  const commands = Object.fromEntries(
    [APPLIANCE, ...providers].map((provider) => {
      const home = installation.newFolder('home');
      probe(node, app, 'fill', home, String(SESSIONS), provider);
      return [provider, command(node, app, ['ls', provider], home)];
    }),
  );
  for (const cloud of providers)
    refuseIdentityLibrary(loadedFiles(commands[cloud], installation.newFolder('loaded')));
  return rowsOf(node, 'ls', processRounds(commands), providers);
}

async function disconnects(node, app, installation, providers) {
  const facts = join(installation.newFolder('facts'), 'facts.json');
  const appliance = await startAppliance(node, app, facts, SESSIONS * (ROUNDS.rounds + ROUNDS.warmUps));
  try {
    let from = 0;
    const homes = Object.fromEntries(
      [APPLIANCE, ...providers].map((provider) => [provider, installation.newFolder('home')]),
    );
    const prepared = (provider, ...more) => ({
      ...command(node, app, ['disconnect', provider, '--all', '--yes'], homes[provider]),
      prepare: () =>
        probe(
          node,
          app,
          'fill',
          homes[provider],
          String(SESSIONS),
          provider,
          ...more.map((one) => String(one())),
        ),
    });
    const next = () => (from += SESSIONS) - SESSIONS;
    const commands = {
      [APPLIANCE]: prepared(APPLIANCE, () => facts, next),
      ...Object.fromEntries(providers.map((cloud) => [cloud, prepared(cloud)])),
    };
    commands[APPLIANCE].env.SLIPLINE_CA_FILE = appliance.authorityFile;
    for (const cloud of providers) {
      const files = loadedFiles(commands[cloud], installation.newFolder('loaded'));
      refuseIdentityLibrary(files, join('@slipline', cloud));
    }
    return rowsOf(node, 'disconnect', processRounds(commands, ROUNDS), providers);
  } finally {
    await appliance.stop();
  }
}

function rowsOf(node, verb, times, providers) {
  return providers.map((cloud) => ({
    figure: `${verb} ${cloud}, ${SESSIONS} sessions`,
    node: node.version,
    unit: 'ms',
    value: times[cloud],
    baseline: { what: `${verb} ${APPLIANCE}`, value: times[APPLIANCE] },
    compared: 'ratio',
    target: 1.1,
    bound: 'most',
  }));
}

function many(node, app, installation, cloud) {
  const home = installation.newFolder('home');
  probe(node, app, 'fill', home, String(MANY), cloud);
  return {
    figure: `${MANY} forgotten, ${cloud}`,
    node: node.version,
    unit: 'ms',
    value: probe(node, app, 'forget-many', home, cloud, String(MANY)),
    compared: 'value',
    target: 2000,
    bound: 'most',
  };
}

function command(node, app, args, home) {
  const program = join(app, 'node_modules/@slipline/cli/bin/slipline.cjs');
  return { program: node.program, args: [program, ...args], env: bareEnvironment(home) };
}
