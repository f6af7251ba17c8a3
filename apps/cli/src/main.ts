import { homedir } from 'node:os';
import { Interruption } from './interruption.ts';
import { run } from './program.ts';
import { openTerminal } from './terminal-device.ts';

// The composition root: the one place that knows the process, and the one that sets its exit code. What a command may
// never need is imported when it is asked for.

const { argv, env: environment, stdin, stdout, stderr, platform } = process;

const interruption = new Interruption((code) => process.exit(code));
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interruption.stop(name));
process.on('uncaughtException', (error) => {
  stderr.write(`internal: ${error.message.replace(/[^\x20-\x7e]/g, ' ')}\n`);
  process.exit(1);
});
// A reader that has gone away is told apart where it is written to; without a listener Node would print a stack.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

const code = await run({
  argv: argv.slice(2),
  environment,
  stdin,
  stdout,
  stderr,
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
});

// Output may still be on its way to a pipe, and work that ignored its deadline may still be under way.
for (const stream of [stdout, stderr]) await new Promise((resolve) => stream.write('', resolve));
process.exit(code);
