import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import type { ParameterTable } from '@slipline/core';
import type { Command, Context, Invocation } from '../command.ts';
import type { Lab } from '../lab/lab.ts';
import { missingProvider, type InstalledProvider } from '@slipline/config/plugins';
import { PROGRAM } from '../own-program.ts';
import { usage } from '../arguments/usage.ts';

const FLAGS = {
  providers: {
    type: 'string',
    many: true,
    summary: 'only the fake systems of these',
    placeholder: 'PROVIDER',
  },
  tour: { type: 'boolean', summary: 'show what Slipline does, on the fake systems' },
} as const satisfies ParameterTable;

/** Fake systems on this machine, to try things out. */
export const lab: Command<typeof FLAGS> = {
  name: 'lab',
  summary: 'start fake systems on this machine, to try things out',
  usage: '[-- PROGRAM ARGUMENTS…]',
  flags: FLAGS,
  examples: [
    'slipline lab -- slipline providers',
    'slipline lab --providers hpe-oneview -- slipline ls',
    'slipline lab --tour',
  ],
  async run(invocation, context) {
    const { flags, positionals, rest } = invocation;
    const [stray] = positionals;
    if (stray !== undefined)
      throw usage(`"${stray.slice(0, 80)}" is not for the lab`, `slipline lab -- ${stray}`);
    if (flags.tour === true && rest.length > 0)
      throw usage('the tour runs commands of its own', 'slipline lab --tour');
    const { openLab } = await import('../lab/lab.ts');
    const opened = await openLab({
      providers: await chosenProviders(flags.providers, context),
      config: context.config,
      environment: context.environment,
      ...(flags.providers === undefined && { onProblem: (error) => context.messages.problems([error]) }),
    });
    return guarded(opened, (watch) => use(opened, invocation, context, watch));
  },
};

async function chosenProviders(
  ids: readonly string[] | undefined,
  context: Context,
): Promise<readonly InstalledProvider[]> {
  const providers = await context.providers();
  return (
    ids?.map((id) => {
      const found = providers.installed.find((one) => one.id === id);
      if (found === undefined) throw missingProvider(id, providers, PROGRAM);
      return found;
    }) ?? providers.installed
  );
}

/** Nothing of the lab is left, however this process ends. */
async function guarded(lab: Lab, work: (watch: (pid: number) => void) => Promise<number>): Promise<number> {
  const { startGuard } = await import('../lab/lab-guard.ts');
  const guard = startGuard(lab.home);
  const removeHome = (): void => rmSync(lab.home, { recursive: true, force: true });
  process.once('exit', removeHome);
  try {
    return await work((pid) => guard.watch(pid));
  } finally {
    await lab[Symbol.asyncDispose]();
    process.off('exit', removeHome);
    guard.dismiss();
  }
}

async function use(
  lab: Lab,
  { flags, rest }: Invocation<typeof FLAGS>,
  context: Context,
  watch: (pid: number) => void,
): Promise<number> {
  context.stderr.write('This is a lab on your own machine: not a real system.\n');
  if (flags.tour === true) {
    const { tour } = await import('../lab/tour.ts');
    return tour(lab, context);
  }
  if (rest.length > 0) {
    const { runProgram } = await import('../running/child-program.ts');
    context.handOverSignals();
    const hasTerminal = context.terminal !== undefined;
    if (hasTerminal) context.stderr.write(introduction(lab));
    return runProgram(rest, {
      environment: lab.environment,
      hasTerminal,
      usage: 'slipline lab -- PROGRAM ARGUMENTS…',
      onStart: ({ pid }) => pid !== undefined && watch(pid),
    });
  }
  context.handOverSignals();
  await context.output.one(lab.facts, JSON.stringify(lab.facts));
  context.stderr.write('It serves until you stop it: Ctrl-C.\n');
  return stopped(context.signal);
}

/** Whom a person at the terminal can sign in as. A program reads it in SLIPLINE_LAB. */
function introduction({ benches }: Lab): string {
  const lines = [...benches].flatMap(
    ([
      id,
      {
        facts: { endpoint, users, environment },
      },
    ]) => {
      const rules = environment['SLIPLINE_RESOLVE']?.split(',') ?? [];
      const names = rules.map((rule) => rule.slice(0, rule.indexOf(':')));
      const width = Math.max(...users.map(({ userName }) => userName.length));
      return [
        `${id} is at ${[...names, endpoint].join(', ')}. Sign in as`,
        ...users.map(({ userName, password, role }) => `  ${userName.padEnd(width)}  ${password}  ${role}`),
      ];
    },
  );
  return lines.map((line) => `${line}\n`).join('');
}

/** Ends with what stopped it: the exit code of a program that a signal ended. */
function stopped(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.once(name, () => resolve(128 + constants.signals[name]));
    signal.addEventListener('abort', () => resolve(128 + constants.signals.SIGINT), { once: true });
  });
}
