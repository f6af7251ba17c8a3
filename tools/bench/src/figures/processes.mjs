// How long a whole process takes, as a ratio to one of Node's that does nothing.
import { join } from 'node:path';
import { bareEnvironment, probe } from '../installation.mjs';
import { nodes } from '../nodes.mjs';
import { processRounds } from '../rounds.mjs';

const NOTHING = 'node -e 0';

/** `slipline --version`. */
export async function version(installation) {
  const app = await installation.app();
  return nodes().map((node) => row(node, app, ['--version'], bareEnvironment(), 1.25));
}

/** `slipline ls` with 20 sessions in the ledger. */
export async function ls(installation) {
  const app = await installation.app();
  return nodes().map((node) => {
    const home = installation.newFolder('home');
    probe(node, app, 'fill', home, '20');
    return row(node, app, ['ls'], bareEnvironment(home), node.isNewer ? 1.7 : 2.6);
  });
}

/** What the other first-party providers are made of. */
const OTHERS = [
  ...['microsoft-identity', 'windows-auth', 'msrpc'],
  ...['exchange-online', 'entra', 'wsman', 'terminal-sessions'],
];

/**
 * A cmdlet beside the same command in its native spelling: what reading it as PowerShell does adds, where the cmdlets of all
 * providers are there to be looked through.
 */
export async function cmdlet(installation) {
  const app = await installation.app(...OTHERS);
  const program = join(app, 'node_modules/@slipline/cli/bin/slipline.cjs');
  const native = ['disconnect', 'hpe-oneview', '1', '--what-if'];
  const spelled = ['Disconnect-HPOVMgmt', '1', '-WhatIf'];
  return nodes().map((node) => {
    const home = installation.newFolder('home');
    probe(node, app, 'fill', home, '20');
    const env = bareEnvironment(home);
    const command = (args) => ({ program: node.program, args: [program, ...args], env });
    const [figure, what] = [spelled, native].map((args) => `slipline ${args.join(' ')}`);
    const times = processRounds({ [what]: command(native), [figure]: command(spelled) });
    const baseline = { what, value: times[what] };
    return {
      figure,
      node: node.version,
      unit: 'ms',
      value: times[figure],
      baseline,
      compared: 'difference',
      target: 3,
      bound: 'most',
    };
  });
}

function row(node, app, args, env, target) {
  const program = join(app, 'node_modules/@slipline/cli/bin/slipline.cjs');
  const figure = `slipline ${args.join(' ')}`;
  const times = processRounds({
    [NOTHING]: { program: node.program, args: ['-e', '0'], env },
    [figure]: { program: node.program, args: [program, ...args], env },
  });
  const baseline = { what: NOTHING, value: times[NOTHING] };
  const compared = { compared: 'ratio', target, bound: 'most' };
  return { figure, node: node.version, unit: 'ms', value: times[figure], baseline, ...compared };
}
