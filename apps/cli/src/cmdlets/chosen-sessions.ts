import { type Plan } from '@slipline/core';
import type { Context } from '../command.ts';
import { givenIn } from '../disconnecting.ts';
import { tableOf, type CmdletLine } from './cmdlet-line.ts';
import { pipedInputs, sorted } from './piped-objects.ts';
import type { CmdletRun } from './run-cmdlet.ts';

/** Milliseconds after which somebody who forgot that stdin is a pipe is told. */
const PATIENCE = 1000;

/** What a cmdlet is to be applied to: by its parameters, or else by what was given or piped as objects. */
export async function chosenSessions({ line, context, timeout }: CmdletRun): Promise<Plan> {
  const { plugin, cmdlet, values } = line;
  const { effect } = cmdlet;
  const slipline = await context.slipline();
  const options = { ...givenIn(plugin.find, values), signal: context.signal, timeout };
  context.messages.doing('looking for the sessions');
  const objects = line.objects.length > 0 ? line.objects : await piped(line, context);
  if (objects === undefined) return slipline.plan({ provider: plugin.id, selector: values, effect }, options);
  const { refs, selectors } = sorted(await pipedInputs(line, objects, slipline));
  const plans = [await slipline.plan({ sessions: refs, effect }, options)];
  for (const selector of selectors)
    plans.push(
      await slipline.plan({ provider: plugin.id, selector: { ...values, ...selector }, effect }, options),
    );
  const [first] = plans;
  return {
    ...(first as Plan),
    steps: plans.flatMap(({ steps }) => steps),
    problems: plans.flatMap(({ problems }) => problems),
  };
}

/** What came through the pipe; `undefined` where the command line has chosen already, or where there is no pipe. */
async function piped(line: CmdletLine, context: Context): Promise<readonly unknown[] | undefined> {
  const table = tableOf(line);
  const given = Object.keys(line.values).filter((key) => line.cmdlet.values?.[key] === undefined);
  const hasChosen = given.some(
    (key) => line.plugin.find[key] !== undefined && table[key]?.credential === undefined,
  );
  if (hasChosen || !context.stdinIsPiped) return undefined;
  const { readPiped } = await import('../input/json-input.ts');
  const hint = setTimeout(
    () => context.messages.warn('waiting for objects on stdin; where there are none, add </dev/null'),
    PATIENCE,
  );
  try {
    return await readPiped(context);
  } finally {
    clearTimeout(hint);
  }
}
