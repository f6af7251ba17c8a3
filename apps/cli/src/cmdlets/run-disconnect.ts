import {
  recordOf,
  type ApplyOptions,
  type Outcome,
  type Plan,
  type Report,
  type Slipline,
} from '@slipline/core';
import { givenIn, progress } from '../disconnecting.ts';
import { exitCodeOfPlan, exitCodeOfReport, type Demands } from '../exit-codes.ts';
import { asJson } from '../output/formatted-output.ts';
import { outcomeSentence } from '../output/outcomes.ts';
import { chosenSessions } from './chosen-sessions.ts';
import type { CmdletRun } from './run-cmdlet.ts';
import { agreed, whatIf } from './should-process.ts';

export async function runDisconnect(run: CmdletRun): Promise<number> {
  const { line, context } = run;
  const { messages, output } = context;
  const plan = await chosenSessions(run);
  const demands = line.flags as Demands;
  if (line.isWhatIf) {
    await output.one(asJson(plan), plan.steps.map((step) => whatIf(line, step)).join('\n'));
    messages.problems(plan.problems.map(({ error }) => error));
    return exitCodeOfPlan(plan, demands);
  }
  const steps = await agreed(plan, line, context);
  const report = await applied({ ...plan, steps }, run, await context.slipline());
  await print(report.outcomes, run);
  const failures = report.outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
  messages.problems([...failures, ...report.problems.map(({ error }) => error)]);
  return exitCodeOfReport(report, demands);
}

/** All of a plan at once; with `-ErrorAction Stop` one session after another, up to the first failure. */
async function applied(plan: Plan, run: CmdletRun, slipline: Slipline): Promise<Report> {
  const options = applyOptions(run);
  if (run.line.preferences.error !== 'Stop') return slipline.apply(plan, options);
  const outcomes: Outcome[] = [];
  const problems = [...plan.problems];
  for (const step of plan.steps) {
    if (problems.length > 0 || outcomes.some(({ status }) => status === 'failed')) break;
    const report = await slipline.apply({ ...plan, steps: [step], problems: [] }, options);
    outcomes.push(...report.outcomes);
    problems.push(...report.problems);
  }
  return { outcomes, problems };
}

function applyOptions({ line, context, timeout }: CmdletRun): ApplyOptions {
  const { reason, noVerify, includeAdopted } = line.flags as Flags;
  return {
    ...givenIn(line.plugin.find, line.values),
    signal: context.signal,
    onEvent: progress(context.messages),
    verify: noVerify !== true,
    includeAdopted,
    reason,
    timeout,
    verifyTimeout: timeout,
  };
}

async function print(outcomes: readonly Outcome[], { prints, context }: CmdletRun): Promise<void> {
  const { output, messages, settings } = context;
  for (const outcome of outcomes) messages.note(outcomeSentence(outcome));
  const done = outcomes.filter(({ status }) => status === 'disconnected' || status === 'already-gone');
  if (prints === 'true') await output.objects(done.map(() => true));
  else if (prints !== undefined) await output.objects(done.map(({ session }) => recordOf(prints, session)));
  // What prints nothing to people may still be asked for data.
  else if (settings.output !== 'table') await output.objects(outcomes.map(asJson));
}

interface Flags extends Pick<ApplyOptions, 'reason' | 'includeAdopted'> {
  readonly noVerify?: boolean | undefined;
}
