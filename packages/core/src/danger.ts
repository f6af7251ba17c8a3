import type { Plan, PlanStep } from './plan.ts';

/** How a plan must be confirmed: not at all, by yes, or by typing `name`. */
export interface Danger {
  readonly level: 'none' | 'ask' | 'severe';
  /** Why, as a clause a prompt can show. */
  readonly why: string;
  /** What has to be typed, where `level` is `severe`. */
  readonly name?: string | undefined;
}

/**
 * One own session goes without asking; many, somebody else's, or a provider of high impact ask; everything over several
 * endpoints, and `revoke`, want a name typed.
 */
export function dangerOf(plan: Plan, impactOf: (provider: string) => 'low' | 'medium' | 'high'): Danger {
  const { steps } = plan;
  const [first] = steps;
  if (first === undefined) return { level: 'none', why: 'nothing would be disconnected' };
  const revoked = steps.filter((step) => step.effect === 'revoke');
  if (revoked.length > 0) {
    const people = peopleIn(revoked);
    const [only = ''] = people;
    const [whom, name] =
      people.length === 1 ? ['that person', only] : ['these people', `${people.length} people`];
    return { level: 'severe', why: `it signs ${whom} out of every app and device`, name };
  }
  const endpoints = new Set(
    steps.map(({ session }) => `${session.provider} ${session.endpoint.toLowerCase()}`),
  );
  if (plan.isEverything && endpoints.size > 1) {
    return {
      level: 'severe',
      why: `everything at ${endpoints.size} systems goes`,
      name: first.session.provider,
    };
  }
  const foreign = steps.filter(({ session }) => session.ownership === 'foreign').length;
  if (foreign > 0)
    return {
      level: 'ask',
      why: foreign === 1 ? 'the session is somebody else’s' : `${foreign} sessions are somebody else’s`,
    };
  if (steps.length > 1) return { level: 'ask', why: `${steps.length} sessions would go` };
  if (impactOf(first.session.provider) === 'high')
    return { level: 'ask', why: 'work that depends on it stops' };
  return { level: 'none', why: 'it is one session of your own' };
}

function peopleIn(steps: readonly PlanStep[]): readonly string[] {
  return [...new Set(steps.map(({ session }) => session.principal ?? session.label))];
}
