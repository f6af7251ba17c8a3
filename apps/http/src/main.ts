import { DisconnectError, type Logger } from '@slipline/core';
import { HELP, parseCommandLine, type CommandLine } from './command-line.ts';

// The composition root: the one place that knows the process, and the one that sets its exit code.

const { argv, env: environment, stdout, stderr } = process;

const stopping = new AbortController();
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(name, () => {
    if (stopping.signal.aborted) process.exit(code);
    stopping.abort();
  });
}
// Whoever started the service may be gone; it goes on.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

let log: Logger | undefined;
// A promise that a provider forgot does not end the service, which has others to look after.
process.on('unhandledRejection', (error) => log?.error('a failure that nobody waited for', { error }));

async function run(line: CommandLine): Promise<void> {
  switch (line.command) {
    case 'help':
      stdout.write(HELP);
      return;
    case 'version':
      stdout.write(`${(await import('./version.ts')).VERSION}\n`);
      return;
    case 'keys':
      stdout.write(await (await import('./commands/keys.ts')).runKeys(line, environment));
      return;
    case 'serve': {
      const { serve } = await import('./commands/serve.ts');
      const { createLog } = await import('./operations/log.ts');
      const { openDestination } = await import('./operations/log-destination.ts');
      const destination = openDestination();
      try {
        await serve(line, {
          environment,
          print: (text) => void stdout.write(text),
          openLog: async (level) => (log = createLog(level, destination)),
          isWatched: stderr.isTTY,
          stop: stopping.signal,
        });
      } finally {
        destination.flushSync();
      }
      return;
    }
    default:
      line satisfies never;
  }
}

async function main(): Promise<number> {
  try {
    await run(parseCommandLine(argv.slice(2)));
    return 0;
  } catch (thrown) {
    const { code, message, system, next } = DisconnectError.from(thrown);
    stderr.write(`${code}: ${message}${system === undefined ? '' : ` (${system})`}\n`);
    if (next !== undefined) stderr.write(`next: ${next}\n`);
    return code === 'invalid-request' ? 2 : 1;
  }
}

// Not left to Node: work that ignored its deadline may still be under way.
void main().then((code) => process.exit(code));
