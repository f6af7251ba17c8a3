import { homedir } from 'node:os';
import { Interruption } from './terminal/interruption.ts';
import { PROGRAM } from './own-program.ts';
import { run } from './program.ts';
import { StandardStreams } from './output/standard-streams.ts';
import { openTerminal } from './terminal/terminal.ts';

// The composition root: the one place that knows the process, and the one that sets its exit code. What a command may
// never need is imported when it is asked for.

const { argv, env: environment, platform } = process;

const interruption = new Interruption((code) => process.exit(code));
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interruption.stop(name));
process.on('uncaughtException', (error) => {
  process.stderr.write(`internal: ${error.message.replace(/[^\x20-\x7e]/g, ' ')}\n`);
  process.exit(1);
});

async function main(): Promise<number> {
  const streams = new StandardStreams();
  const isInternal = argv[2]?.startsWith('__') === true;
  const start = isInternal ? (await import('./internal-commands.ts')).runInternal : run;
  const code = await start({
    argv: argv.slice(2),
    environment,
    streams,
    interruption,
    openTerminal: () => openTerminal(() => interruption.stop('SIGINT')),
    readConfig: async () => {
      const { sliplinePaths } = await import('@slipline/ledger');
      const { readConfig } = await import('@slipline/config');
      return readConfig(sliplinePaths(environment, platform, homedir()).config);
    },
    findProviders: async (config) =>
      (await import('@slipline/config/plugins')).findProviders(config, PROGRAM),
    openLedger: async (messages) => {
      const { openLedger } = await import('@slipline/ledger');
      return openLedger({ environment, onNotice: (text) => messages.log.warn(text) });
    },
  });
  await streams.flush();
  return code;
}

// Not left to Node: work that ignored its deadline may still be under way.
void main().then((code) => process.exit(code));
