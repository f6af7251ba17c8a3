import { DisconnectError, plainText, type Plan, type PlanStep } from '@slipline/core';
import type { Context } from '../command.ts';
import { sessionName } from '../output/outcomes.ts';
import type { CmdletLine } from './cmdlet-line.ts';

const CHOICES = '[Y] Yes  [A] Yes to All  [N] No  [L] No to All (default is "Y"): ';

/** Whether a cmdlet asks before it acts: by `-Confirm`, else by its own impact (ConfirmPreference is High). */
function asks({ cmdlet, confirm }: CmdletLine): boolean {
  return confirm ?? cmdlet.confirmImpact === 'high';
}

/** The steps that the person at the terminal agrees to, asked one after another until they say "all". */
export async function agreed(
  plan: Plan,
  line: CmdletLine,
  { terminal, signal }: Context,
): Promise<readonly PlanStep[]> {
  if (!asks(line) || plan.steps.length === 0) return plan.steps;
  if (terminal === undefined)
    throw new DisconnectError(
      'invalid-request',
      `${line.cmdlet.name} asks for a confirmation, and there is no terminal to ask at`,
      {
        next: "look with -WhatIf, then repeat it with -Confirm:'$false'",
      },
    );
  const chosen: PlanStep[] = [];
  for (const [place, step] of plan.steps.entries()) {
    const answer = await choice(`${operation(line, step)}\n${CHOICES}`, terminal, signal);
    if (answer === 'l') break;
    if (answer === 'a') return [...chosen, ...plan.steps.slice(place)];
    if (answer === 'y') chosen.push(step);
  }
  return chosen;
}

/** What `-WhatIf` says of one step. */
export function whatIf(line: CmdletLine, step: PlanStep): string {
  return `What if: ${operation(line, step)}`;
}

function operation({ cmdlet }: CmdletLine, { session, effect }: PlanStep): string {
  return `Performing the operation "${plainText(cmdlet.name)}" (${effect}) on target "${sessionName(session)}".`;
}

async function choice(
  question: string,
  terminal: NonNullable<Context['terminal']>,
  signal: AbortSignal,
): Promise<'y' | 'a' | 'n' | 'l'> {
  for (;;) {
    const answer = (await terminal.line(question, signal)).trim().toLowerCase();
    if (answer === '' || answer === 'y' || answer === 'yes') return 'y';
    if (answer === 'a' || answer === 'n' || answer === 'l') return answer;
    if (answer === 'no') return 'n';
  }
}
