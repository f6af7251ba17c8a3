import { parsePin, recordOf, type ConnectOptions } from '@slipline/core';
import { sessionName } from '../output/outcomes.ts';
import type { CmdletRun } from './run-cmdlet.ts';

export async function runConnect({ line, context, timeout, prints }: CmdletRun): Promise<number> {
  const { plugin, values, flags } = line;
  const { messages, output, signal } = context;
  const { pin, default: makeDefault, ...more } = flags as Flags;
  messages.doing(`connecting (${plugin.id})`);
  const slipline = await context.slipline();
  const { session } = await slipline.connect(plugin.id, values, {
    signal,
    timeout,
    makeDefault,
    // As for `slipline connect`: the shell, or the script, that this command was typed in.
    owner: process.ppid,
    saveCredential: more.saveCredential,
    reason: more.reason,
    trust: pin === undefined ? undefined : { pin: parsePin(pin) },
  });
  messages.note(`connected: ${sessionName(session)}`);
  if (prints !== undefined && prints !== 'true') await output.objects([recordOf(prints, session)]);
  return 0;
}

interface Flags extends Pick<ConnectOptions, 'saveCredential' | 'reason'> {
  readonly pin?: string | undefined;
  readonly default?: boolean | undefined;
}
