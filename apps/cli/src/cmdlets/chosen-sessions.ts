import type { DisconnectError, Plan } from '@slipline/core';
import { usage } from '../arguments/usage.ts';
import type { Context } from '../command.ts';
import { givenIn } from '../disconnecting.ts';
import { tableOf, type CmdletLine } from './cmdlet-line.ts';
import { ownParameters } from './cmdlet-parameter.ts';
import { pipedInputs, sorted } from './piped-objects.ts';
import type { CmdletRun } from './run-cmdlet.ts';

/** Milliseconds after which somebody who forgot that stdin is a pipe is told. */
const PATIENCE = 10_000;

/** What a cmdlet is to be applied to: by its parameters, or else by what was given or piped as objects. */
export async function chosenSessions({ line, context, timeout }: CmdletRun): Promise<Plan> {
  const { plugin, cmdlet, values } = line;
  const { effect } = cmdlet;
  const slipline = await context.slipline();
  const options = { ...givenIn(plugin.find, values), signal: context.signal, timeout };
  context.messages.doing('looking for the sessions');
  const objects = await givenObjects(line, context);
  if (objects === undefined) {
    if (plugin.unnamed === undefined && !hasChosen(line)) throw nothingChosen(line);
    return slipline.plan({ provider: plugin.id, selector: values, effect }, options);
  }
  const { refs, selectors } = sorted(await pipedInputs(line, objects, slipline), plugin.find);
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

/** Sessions as objects, on the command line or from a pipe; `undefined` where the parameters have chosen already. */
export async function givenObjects(
  line: CmdletLine,
  context: Context,
): Promise<readonly unknown[] | undefined> {
  if (line.objects.length > 0) return line.objects;
  if (hasChosen(line) || !context.stdinIsPiped) return undefined;
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

function hasChosen({ plugin, cmdlet, values }: CmdletLine): boolean {
  return Object.keys(values).some(
    (key) =>
      cmdlet.values?.[key] === undefined &&
      plugin.find[key] !== undefined &&
      plugin.find[key].credential === undefined,
  );
}

function nothingChosen(line: CmdletLine): DisconnectError {
  const { cmdlet } = line;
  const own = ownParameters(cmdlet, tableOf(line));
  const insisted = new Set(Object.values(cmdlet.mandatory ?? {})[0]);
  const named = own.filter(({ key, position }) => (insisted.size > 0 ? insisted.has(key) : position === 0));
  const ways = named.map(({ name }) => `-${name} VALUE`).join(' ');
  return usage(
    `${cmdlet.name} needs to be told which sessions`,
    `write ${ways}, or pipe what a Get- cmdlet or "slipline ls" prints with -o jsonl`,
  );
}
