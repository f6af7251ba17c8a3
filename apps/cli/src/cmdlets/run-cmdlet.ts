import type { RecordField } from '@slipline/core';
import { parseDuration } from '@slipline/config';
import type { Context } from '../command.ts';
import type { CmdletLine } from './cmdlet-line.ts';
import { runAct } from './run-act.ts';
import { runConnect } from './run-connect.ts';
import { runDisconnect } from './run-disconnect.ts';
import { runList } from './run-list.ts';

/** A cmdlet at work. */
export interface CmdletRun {
  readonly line: CmdletLine;
  readonly context: Context;
  /** Milliseconds for one system. */
  readonly timeout: number | undefined;
  /** What is printed for each session: properties, the word `True`, or nothing. */
  readonly prints: readonly RecordField[] | 'true' | undefined;
}

/** Does what a cmdlet does, in its manners: what it asks, and what it prints. Answers the exit code. */
export function runCmdlet(line: CmdletLine, context: Context): Promise<number> {
  const { cmdlet, plugin, flags } = line;
  const given = flags['timeout'];
  const timeout = typeof given === 'string' ? parseDuration(given, '-Timeout') : context.settings.timeout;
  const prints = cmdlet.prints === 'record' ? (plugin.record ?? []) : cmdlet.prints;
  const run: CmdletRun = { line, context, timeout, prints };
  switch (cmdlet.verb) {
    case 'connect':
      return runConnect(run);
    case 'list':
      return runList(run);
    case 'disconnect':
      return runDisconnect(run);
    case 'act':
      return runAct(run);
    default:
      return cmdlet.verb satisfies never;
  }
}
