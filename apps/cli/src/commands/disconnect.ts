import {
  EFFECTS,
  parsePlan,
  parseSessionRefs,
  type ParameterTable,
  type Plan,
  type Values,
} from '@slipline/core';
import type { Command, Context } from '../command.ts';
import { carryOut, DISCONNECTING_FLAGS, givenIn, timeoutFrom, type Given } from '../disconnecting.ts';
import { usage } from '../arguments/usage.ts';

const FLAGS = {
  effect: {
    type: 'string',
    choices: EFFECTS,
    summary: 'what to do, where a session offers more than its default',
    placeholder: 'EFFECT',
  },
  all: { type: 'boolean', summary: 'everything that matches, or all there is' },
  plan: {
    type: 'string',
    format: 'path',
    summary: 'write what would be done to a file, for slipline apply, and do nothing',
    placeholder: 'FILE',
  },
  ...DISCONNECTING_FLAGS,
} as const satisfies ParameterTable;

/** For sessions from a pipe, whose providers are not known beforehand. */
const PIPED = {
  userName: {
    type: 'string',
    credential: 'userName',
    summary: 'user name, where a system wants one',
    placeholder: 'NAME',
  },
  password: { type: 'secret', credential: 'password', summary: 'password, where a system wants one' },
} as const satisfies ParameterTable;

type Flags = Values<typeof FLAGS>;

/** Ends sessions, or does to them what else their system offers. */
export const disconnect: Command<typeof FLAGS> = {
  name: 'disconnect',
  summary: 'disconnect sessions, and verify that they are gone',
  usage: '<provider> [NAME…] | -',
  flags: FLAGS,
  provider: 'disconnect',
  piped: PIPED,
  examples: [
    'slipline disconnect hpe-oneview',
    'slipline disconnect hpe-oneview 1 2',
    'slipline disconnect hpe-oneview:ov1.example --what-if',
    'slipline disconnect hpe-oneview --all --yes',
    'slipline ls -o json | slipline disconnect - --yes',
    'slipline disconnect hpe-oneview --all --plan plan.json && slipline apply plan.json --yes',
  ],
  async run({ provider, positionals, values, flags }, context) {
    context.messages.doing('looking for the sessions');
    const given =
      provider === undefined
        ? (values as Given)
        : givenIn((await (await context.slipline()).plugin(provider)).find, values);
    const plan =
      provider === undefined
        ? await fromStdin(positionals, flags, given, context)
        : await (
            await context.slipline()
          ).plan(
            { provider, selector: values, effect: flags.effect, all: flags.all },
            { ...given, signal: context.signal, timeout: timeoutFrom(flags, context) },
          );
    if (flags.plan === undefined) return carryOut(plan, flags, given, context);
    const { writePlan } = await import('../input/plan-file.ts');
    return writePlan(plan, flags.plan, flags, context);
  },
};

async function fromStdin(
  words: readonly string[],
  flags: Flags,
  given: Given,
  context: Context,
): Promise<Plan> {
  if (words.length !== 1 || words[0] !== '-')
    throw usage(
      'disconnect needs to know what: a provider, or "-" for sessions from a pipe',
      'slipline help disconnect',
    );
  if (flags.all === true) throw usage('--all has no meaning for sessions from a pipe', 'leave --all out');
  const { readJson } = await import('../input/json-input.ts');
  const input = await readJson('-', context);
  if (isPlan(input)) {
    if (flags.effect !== undefined) throw usage('a plan says its effects itself', 'leave --effect out');
    return parsePlan(input);
  }
  const sessions = parseSessionRefs(input);
  const timeout = timeoutFrom(flags, context);
  return (await context.slipline()).plan(
    { sessions, effect: flags.effect },
    { ...given, timeout, signal: context.signal },
  );
}

function isPlan(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'steps' in value;
}
