import {
  EFFECTS,
  parsePlan,
  sessionKey,
  type ParameterTable,
  type Plan,
  type PlanOptions,
  type Slipline,
} from '@slipline/core';
import type { Command } from '../command.ts';
import { carryOut, DISCONNECTING_FLAGS, timeoutFrom } from '../disconnecting.ts';
import { readJson } from '../input/json-input.ts';
import { usage } from '../arguments/usage.ts';

const FLAGS = {
  userName: {
    type: 'string',
    credential: 'userName',
    summary: 'user name, where a system wants one',
    placeholder: 'NAME',
  },
  password: { type: 'secret', credential: 'password', summary: 'password, where a system wants one' },
  ...DISCONNECTING_FLAGS,
} as const satisfies ParameterTable;

/** Does what a plan says; every session in it is looked at again first. */
export const apply: Command<typeof FLAGS> = {
  name: 'apply',
  summary: 'do what a plan says',
  usage: 'FILE | -',
  flags: FLAGS,
  examples: ['slipline apply plan.json --what-if', 'slipline apply plan.json --yes'],
  async run({ positionals, rest, flags }, context) {
    const [file, ...more] = [...positionals, ...rest];
    if (file === undefined || more.length > 0)
      throw usage('apply takes one plan', 'slipline disconnect … --plan FILE makes one');
    const plan = parsePlan(await readJson(file, context));
    const { userName, password } = flags;
    const given = { userName, password };
    if (flags.whatIf !== true) return carryOut(plan, flags, given, context);
    const options = { ...given, signal: context.signal, timeout: timeoutFrom(flags, context) };
    return carryOut(await lookedAtAgain(plan, await context.slipline(), options), flags, given, context);
  },
};

/** The same plan as it would be made now, so that what is shown is what would be done. */
async function lookedAtAgain(plan: Plan, program: Slipline, options: PlanOptions): Promise<Plan> {
  const made = await Promise.all(
    EFFECTS.map((effect) => {
      const sessions = plan.steps.filter((step) => step.effect === effect).map(({ session }) => session);
      return program.plan({ sessions, effect }, options);
    }),
  );
  const places = new Map(plan.steps.map(({ session }, place) => [sessionKey(session), place]));
  const placeOf = (step: Plan['steps'][number]): number => places.get(sessionKey(step.session)) ?? 0;
  return {
    ...plan,
    steps: made.flatMap(({ steps }) => steps).sort((one, other) => placeOf(one) - placeOf(other)),
    problems: [...plan.problems, ...made.flatMap(({ problems }) => problems)],
  };
}
