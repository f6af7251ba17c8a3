import { DisconnectError, plainText, type Danger, type Plan } from '@slipline/core';
import { stepSentence } from '../output/outcomes.ts';
import type { Terminal } from './terminal.ts';

const SHOWN = 20;

export interface Answers {
  /** `--yes` */
  readonly yes?: boolean | undefined;
  /** `--confirm-name` */
  readonly confirmName?: string | undefined;
}

/**
 * Asks the person at the terminal what core wants to have confirmed, unless flags have answered. Throws
 * `invalid-request`, naming the flag, where there is nobody to ask.
 */
export async function confirmed(
  danger: Danger,
  plan: Plan,
  answers: Answers,
  terminal: Terminal | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (danger.level === 'severe')
    return severe(danger.name ?? '', danger.why, plan, answers, terminal, signal);
  if (answers.yes === true) return true;
  if (terminal === undefined) throw unanswered(`a confirmation is needed: ${danger.why}`, '--yes');
  return terminal.confirm(`${listed(plan)}\nGo on? (${danger.why})`, signal);
}

async function severe(
  name: string,
  why: string,
  plan: Plan,
  { confirmName }: Answers,
  terminal: Terminal | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const flag = `--confirm-name ${/^[\w.@-]+$/.test(name) ? name : `'${plainText(name).replaceAll("'", "'\\''")}'`}`;
  if (confirmName !== undefined) {
    if (confirmName === name) return true;
    throw unanswered(`the name in --confirm-name is another one: ${why}`, flag);
  }
  if (terminal === undefined) throw unanswered(`the name has to be confirmed: ${why}`, flag);
  const typed = await terminal.line(`${listed(plan)}\n${why}. To go on, type ${plainText(name)}: `, signal);
  return typed.trim() === name;
}

function listed({ steps }: Plan): string {
  const lines = steps.slice(0, SHOWN).map((step) => `  ${stepSentence(step)}`);
  return steps.length > SHOWN
    ? [...lines, `  and ${steps.length - SHOWN} more`].join('\n')
    : lines.join('\n');
}

function unanswered(what: string, flag: string): DisconnectError {
  return new DisconnectError('invalid-request', what, {
    next: `look with --what-if, then repeat it with ${flag}`,
  });
}
