import type { Outcome } from '../api/types.ts';
import { outcomeWords, residualWords } from '../text/words.ts';

/** Sessions of which the same is to be said. */
export interface OutcomeGroup {
  readonly words: string;
  /** What can be done about it; empty where nobody knows. */
  readonly next: string;
  readonly labels: readonly string[];
}

/** Hundreds of sessions that fail for one reason are told as one. */
export function grouped(outcomes: readonly Outcome[]): readonly OutcomeGroup[] {
  const groups = new Map<string, { words: string; next: string; labels: string[] }>();
  for (const outcome of outcomes) {
    const [words, next] = [outcomeWords(outcome), outcome.error?.next ?? ''];
    const name = JSON.stringify([words, next]);
    const group = groups.get(name) ?? { words, next, labels: [] };
    group.labels.push(outcome.session.label);
    groups.set(name, group);
  }
  return [...groups.values()];
}

const MOST = 100;

/** What access remains, each once. */
export function remaining(outcomes: readonly Outcome[]): readonly string[] {
  const words = outcomes.flatMap(({ session, residual }) => {
    const told = residualWords(residual);
    return told === '' ? [] : [`${session.label}: ${told}`];
  });
  return [...new Set(words)].slice(0, MOST);
}
