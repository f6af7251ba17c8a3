import { DisconnectError, type JsonValue } from '@slipline/core';
import { givenIn } from '../disconnecting.ts';
import { exitCodeOfAll, exitCodeOfPlan } from '../exit-codes.ts';
import { asJson } from '../output/formatted-output.ts';
import { chosenSessions } from './chosen-sessions.ts';
import type { CmdletRun } from './run-cmdlet.ts';
import { agreed, whatIf } from './should-process.ts';

export async function runAct(run: CmdletRun): Promise<number> {
  const { line, context } = run;
  const { cmdlet, plugin, values } = line;
  const { messages, output, signal } = context;
  const action = cmdlet.action ?? '';
  const own = new Set(Object.keys(plugin.actions?.[action]?.parameters ?? {}));
  const part = (isOwn: boolean) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => own.has(key) === isOwn));
  const plan = await chosenSessions({ ...run, line: { ...line, values: part(false) } });
  const errors = plan.problems.map(({ error }) => error);
  if (line.isWhatIf) {
    await output.one(asJson(plan), plan.steps.map((step) => whatIf(line, step)).join('\n'));
    messages.problems(errors);
    return exitCodeOfPlan(plan);
  }
  const slipline = await context.slipline();
  const answers: JsonValue[] = [];
  for (const { session } of await agreed(plan, line, context)) {
    if (line.preferences.error === 'Stop' && errors.length > 0) break;
    messages.doing(`${action}: ${session.label}`);
    try {
      answers.push(
        await slipline.act(action, session, part(true), { ...givenIn(plugin.find, values), signal }),
      );
    } catch (error) {
      errors.push(DisconnectError.from(error));
    }
  }
  await output.objects(answers.filter((answer) => answer !== null));
  messages.problems(errors);
  return exitCodeOfAll(errors);
}
