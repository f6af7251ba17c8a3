import type { Effect, Plan } from '../api/types.ts';

export interface EffectCount {
  readonly effect: Effect;
  readonly sessions: number;
}

/** How many sessions have which effect, most first. */
export function effectsOf(plan: Plan): readonly EffectCount[] {
  const counts = new Map<Effect, number>();
  for (const { effect } of plan.steps) counts.set(effect, (counts.get(effect) ?? 0) + 1);
  return [...counts]
    .map(([effect, sessions]) => ({ effect, sessions }))
    .sort((one, other) => other.sessions - one.sessions);
}

/** The systems it touches, each once, whatever case their names were written in. */
export function systemsOf(plan: Plan): readonly string[] {
  const systems = new Map(
    plan.steps.map(({ session }) => [session.endpoint.toLowerCase(), session.endpoint]),
  );
  return [...systems.values()];
}

/** What access may remain whatever the outcome, by effect: systems say more once it is done. */
export function mayRemain(effects: readonly EffectCount[]): readonly string[] {
  const has = (effect: Effect): boolean => effects.some((one) => one.effect === effect);
  return [
    ...(has('forget') ? ['What the systems issued stays valid until it expires: they are not asked.'] : []),
    ...(has('end') ? ['Nobody is locked out: they can open a session again.'] : []),
    ...(has('detach') ? ['Detached sessions keep running and can be taken up again.'] : []),
    ...(has('revoke')
      ? ['Access that was issued may work until its tokens expire; each row says until when.']
      : []),
  ];
}

/** Whether what was typed confirms the plan. */
export function isConfirmed({ danger }: Plan, typed: string): boolean {
  return danger.level !== 'severe' || typed.trim() === danger.name;
}
