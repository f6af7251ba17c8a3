import {
  dangerOf,
  recordOf,
  type ApplyOptions,
  type DisconnectEvent,
  type JsonObject,
  type Outcome,
  type ParameterTable,
  type Plan,
  type Report,
  type Slipline,
  type Values,
} from '@slipline/core';
import type { Context } from './command.ts';
import { confirmed } from './terminal/confirmation.ts';
import { DURATION, parseDuration } from '@slipline/config';
import { exitCodeOfPlan, exitCodeOfReport } from './exit-codes.ts';
import { asJson } from './output/formatted-output.ts';
import type { Messages } from './output/messages.ts';
import { OUTCOME_COLUMNS, outcomeSentence, sessionName, stepSentence } from './output/outcomes.ts';

/** What `disconnect` and `apply` have in common. */
export const DISCONNECTING_FLAGS = {
  whatIf: { type: 'boolean', summary: 'say what would be done, and do nothing', aliases: ['dryRun'] },
  yes: { type: 'boolean', summary: 'answer questions with yes, but not those that want a name' },
  confirmName: { type: 'string', summary: 'answer the question that wants this name', placeholder: 'NAME' },
  noVerify: {
    type: 'boolean',
    summary: 'do not ask the system whether it is so',
    excludes: ['requireVerified'],
  },
  wait: {
    type: 'boolean',
    summary: 'ask the system again until it is so, however long that takes',
    excludes: ['noVerify'],
  },
  requireVerified: { type: 'boolean', summary: 'exit with 7 where anything is not verified' },
  requireMatch: { type: 'boolean', summary: 'exit with 4 where there is nothing to disconnect' },
  includeAdopted: { type: 'boolean', summary: 'end adopted sessions as well' },
  force: {
    type: 'boolean',
    summary: 'forget own sessions that cannot be ended, and say what may live on',
  },
  reason: { type: 'string', summary: 'why, for the history', placeholder: 'TEXT' },
  timeout: {
    type: 'string',
    pattern: DURATION,
    summary: 'give up on a session after this time, and on verifying it after as much again',
    placeholder: 'TIME',
  },
} as const satisfies ParameterTable;

export type DisconnectingFlags = Values<typeof DISCONNECTING_FLAGS>;

/** Halves of a credential that came as flags. */
export type Given = Pick<ApplyOptions, 'userName' | 'password'>;

/** What a provider's own parameters say of a credential: applying needs it as well as looking. */
export function givenIn(find: ParameterTable, values: Readonly<Record<string, unknown>>): Given {
  const halves = Object.entries(find).flatMap(([name, { credential }]) =>
    credential === undefined || values[name] === undefined ? [] : [[credential, values[name]]],
  );
  return Object.fromEntries(halves) as Given;
}

export function timeoutFrom(flags: DisconnectingFlags, { settings }: Context): number | undefined {
  return flags.timeout === undefined ? settings.timeout : parseDuration(flags.timeout, '--timeout');
}

/** Shows what a plan would do, or does it, and answers the exit code. */
export async function carryOut(
  plan: Plan,
  flags: DisconnectingFlags,
  given: Given,
  context: Context,
): Promise<number> {
  const program = await context.slipline();
  if (flags.whatIf === true) return show(plan, flags, program, context);
  const timeout = timeoutFrom(flags, context);
  const report = await program.apply(plan, {
    ...given,
    signal: context.signal,
    onEvent: progress(context.messages),
    verify: flags.noVerify !== true,
    includeAdopted: flags.includeAdopted,
    timeout,
    verifyTimeout: flags.wait === true ? Infinity : timeout,
    force: flags.force,
    reason: flags.reason,
    confirm: (danger, shown) => confirmed(danger, shown, flags, context.terminal, context.signal),
  });
  await tell(report, program, context);
  return exitCodeOfReport(report, flags);
}

async function show(
  plan: Plan,
  flags: DisconnectingFlags,
  program: Slipline,
  context: Context,
): Promise<number> {
  const { output, messages } = context;
  const lines = plan.steps.map((step) => `would ${stepSentence(step)}`);
  await output.one(asJson(plan), lines.join('\n'));
  const errors = plan.problems.map(({ error }) => error);
  if (plan.steps.length === 0 && errors.length === 0) messages.note('Nothing would be disconnected.');
  const impacts = await impactsOf(plan, program);
  const { level, why } = dangerOf(plan, (provider) => impacts.get(provider) ?? 'high');
  if (level !== 'none') messages.note(`It would ask first: ${why}.`);
  messages.problems(errors);
  return exitCodeOfPlan(plan, flags);
}

async function impactsOf(
  { steps }: Plan,
  program: Slipline,
): Promise<ReadonlyMap<string, 'low' | 'medium' | 'high'>> {
  const ids = [...new Set(steps.map(({ session }) => session.provider))];
  const plugins = await Promise.all(ids.map((id) => program.plugin(id).catch(() => undefined)));
  return new Map(plugins.flatMap((plugin) => (plugin === undefined ? [] : [[plugin.id, plugin.impact]])));
}

async function tell(
  { outcomes, problems }: Report,
  program: Slipline,
  { output, messages }: Context,
): Promise<void> {
  const rows = new Map<JsonObject, Outcome>();
  const records = new Map<JsonObject, JsonObject>();
  for (const outcome of outcomes) {
    const record = await printedRecord(outcome, program);
    const row = { ...asJson(outcome), ...(record !== undefined && { record }) };
    rows.set(row, outcome);
    if (record !== undefined) records.set(row, record);
  }
  const sentence = (row: JsonObject): string => {
    const outcome = rows.get(row);
    return outcome === undefined ? '' : outcomeSentence(outcome);
  };
  await output.lines([...rows.keys()], OUTCOME_COLUMNS, sentence, (row) => records.get(row));
  if (outcomes.length === 0 && problems.length === 0) messages.note('There is nothing to disconnect.');
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
  messages.problems([...failures, ...problems.map(({ error }) => error)]);
}

/** The session that was ended, where the system's own cmdlet prints it. */
async function printedRecord(outcome: Outcome, program: Slipline): Promise<JsonObject | undefined> {
  if (outcome.status !== 'disconnected') return undefined;
  const plugin = await program.plugin(outcome.session.provider);
  const isPrinted = plugin.cmdlets?.some(({ verb, prints }) => verb === 'disconnect' && prints === 'record');
  return isPrinted === true ? recordOf(plugin.record ?? [], outcome.session) : undefined;
}

/** Says what is being done while a plan is applied. */
export function progress(messages: Messages): (event: DisconnectEvent) => void {
  let total = 0;
  let done = 0;
  return (event) => {
    switch (event.type) {
      case 'apply-start':
        total = event.plan.steps.length;
        return;
      case 'session-start':
        return messages.doing(`disconnecting ${sessionName(event.session)}${count(done, total)}`);
      case 'verification-start':
        return messages.doing(`verifying that ${sessionName(event.session)} is gone${count(done, total)}`);
      case 'session-end':
        done += 1;
        return;
      case 'apply-end':
        return;
      default:
        return event satisfies never;
    }
  };
}

function count(done: number, total: number): string {
  return total > 1 ? `, ${done} of ${total} done` : '';
}
