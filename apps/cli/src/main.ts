import { homedir } from 'node:os';
import type { Writable } from 'node:stream';
import { Interruption } from './interruption.ts';
import { run, type Surroundings } from './program.ts';
import { openTerminal } from './terminal.ts';

// The composition root: the one place that knows the process, and the one that sets its exit code. What a command may
// never need, Node's own streams among it, is made when it is asked for.

const { argv, env: environment, platform } = process;

const interruption = new Interruption((code) => process.exit(code));
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interruption.stop(name));
process.on('uncaughtException', (error) => {
  process.stderr.write(`internal: ${error.message.replace(/[^\x20-\x7e]/g, ' ')}\n`);
  process.exit(1);
});

const used = new Set<Writable>();
// Whoever writes is told that a reader has gone away; without a listener Node would print a stack as well.
const inUse = <S extends Writable>(stream: S): S => {
  if (!used.has(stream)) stream.on('error', () => undefined);
  used.add(stream);
  return stream;
};

const surroundings: Surroundings = {
  argv: argv.slice(2),
  environment,
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return inUse(process.stdout);
  },
  get stderr() {
    return inUse(process.stderr);
  },
  interruption,
  openTerminal: () => openTerminal(() => interruption.stop('SIGINT')),
  readConfig: async () => {
    const { sliplinePaths } = await import('@slipline/ledger');
    const { readConfig } = await import('./config.ts');
    return readConfig(sliplinePaths(environment, platform, homedir()).config);
  },
  findProviders: async (config) => (await import('./providers.ts')).findProviders(config),
  openLedger: async (messages) => {
    const { openLedger } = await import('@slipline/ledger');
    return openLedger({ environment, onNotice: (text) => messages.log.warn(text) });
  },
};

const isInternal = argv[2]?.startsWith('__') === true;
const start = isInternal ? (await import('./internal-commands.ts')).runInternal : run;
const code = await start(surroundings);

// Output may still be on its way to a pipe, and work that ignored its deadline may still be under way.
for (const stream of used) await new Promise((resolve) => stream.write('', resolve));
process.exit(code);
