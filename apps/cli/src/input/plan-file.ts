import type { Plan } from '@slipline/core';
import type { Context } from '../command.ts';
import { exitCodeOfPlan, type Demands } from '../exit-codes.ts';
import { jsonText } from '../output/json-text.ts';
import { stepSentence } from '../output/outcomes.ts';
import { quoted, writeOwnFile } from '@slipline/config';

/** Writes a plan for `apply`, for this user alone, and says what is in it. */
export async function writePlan(
  plan: Plan,
  path: string,
  demands: Demands,
  { output, messages }: Context,
): Promise<number> {
  await writeOwnFile(path, `${jsonText(plan, 2)}\n`);
  const lines = plan.steps.map((step) => `would ${stepSentence(step)}`);
  await output.one({ plan: path, sessions: plan.steps.length }, lines.join('\n'));
  messages.note(`Nothing was done. To do it: slipline apply ${quoted(path)}`);
  messages.problems(plan.problems.map(({ error }) => error));
  return exitCodeOfPlan(plan, demands);
}
