import type { Effect, ListedSession } from '../api/types.ts';

export interface EffectChoice {
  /** Nothing: to each session what it offers first. */
  readonly effect?: Effect | undefined;
  /** How many of the sessions offer it. */
  readonly takers: number;
}

const ORDER: readonly Effect[] = ['detach', 'end', 'forget', 'revoke'];

/** What can be done to these sessions, the usual first. Empty where none of them offers anything. */
export function effectChoices(sessions: readonly ListedSession[]): readonly EffectChoice[] {
  const takers = new Map<Effect, number>();
  const firsts = new Map<Effect, number>();
  for (const { effects } of sessions) {
    for (const effect of effects) takers.set(effect, (takers.get(effect) ?? 0) + 1);
    const [first] = effects;
    if (first !== undefined) firsts.set(first, (firsts.get(first) ?? 0) + 1);
  }
  const willing = sessions.filter(({ effects }) => effects.length > 0).length;
  const isMixed = firsts.size > 1;
  const single = [...takers]
    .map(([effect, number]) => ({ effect, takers: number }))
    .sort(
      (one, other) =>
        (firsts.get(other.effect) ?? 0) - (firsts.get(one.effect) ?? 0) ||
        ORDER.indexOf(one.effect) - ORDER.indexOf(other.effect),
    );
  return isMixed ? [{ takers: willing }, ...single] : single;
}
