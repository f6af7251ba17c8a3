import { recordOf, type Problem, type Session } from '@slipline/core';
import { exitCodeOfAll } from '../exit-codes.ts';
import { asJson } from '../output/formatted-output.ts';
import { givenObjects } from './chosen-sessions.ts';
import { pipedInputs, selectorOf, sorted } from './piped-objects.ts';
import type { CmdletRun } from './run-cmdlet.ts';

export async function runList(run: CmdletRun): Promise<number> {
  const { line, context, timeout, prints = line.plugin.record } = run;
  const { messages, output, signal } = context;
  messages.doing('asking the systems');
  const slipline = await context.slipline();
  const sessions: Session[] = [];
  const problems: Problem[] = [];
  for (const selector of await selectorsOf(run)) {
    const query = { provider: line.plugin.id, selector, isLive: true, signal, timeout };
    const found = await slipline.sessions(query);
    sessions.push(...found.sessions);
    problems.push(...found.problems);
  }
  const hasRecord = prints !== undefined && prints !== 'true';
  await output.objects(sessions.map((session) => (hasRecord ? recordOf(prints, session) : asJson(session))));
  const errors = problems.map(({ error }) => error);
  messages.problems(errors);
  return exitCodeOfAll(errors);
}

/** What to look for: what the parameters say, or each of the objects that were given to a cmdlet that takes some. */
async function selectorsOf({
  line,
  context,
}: CmdletRun): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { cmdlet, plugin, values } = line;
  const objects = cmdlet.input === undefined ? undefined : await givenObjects(line, context);
  if (objects === undefined) return [values];
  const inputs = (await pipedInputs(line, objects, await context.slipline())).map((input) =>
    'ref' in input ? { values: selectorOf(input.ref, plugin.find) } : input,
  );
  return sorted(inputs, plugin.find).selectors.map((selector) => ({ ...values, ...selector }));
}
