import { recordOf } from '@slipline/core';
import { exitCodeOfAll } from '../exit-codes.ts';
import { asJson } from '../output/formatted-output.ts';
import type { CmdletRun } from './run-cmdlet.ts';

export async function runList({
  line,
  context,
  timeout,
  prints = line.plugin.record,
}: CmdletRun): Promise<number> {
  const { messages, output, signal } = context;
  const provider = line.plugin.id;
  messages.doing('asking the systems');
  const slipline = await context.slipline();
  const { sessions, problems } = await slipline.sessions({
    provider,
    selector: line.values,
    isLive: true,
    signal,
    timeout,
  });
  const hasRecord = prints !== undefined && prints !== 'true';
  await output.objects(sessions.map((session) => (hasRecord ? recordOf(prints, session) : asJson(session))));
  const errors = problems.map(({ error }) => error);
  messages.problems(errors);
  return exitCodeOfAll(errors);
}
