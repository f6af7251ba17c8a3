import { describe, expect, it } from '@jest/globals';
import { dangerOf } from './danger.ts';
import type { Plan, PlanStep } from './plan.ts';
import type { Session } from './session.ts';

function step(session: Partial<Session> = {}, effect: PlanStep['effect'] = 'end'): PlanStep {
  return {
    session: {
      provider: 'harbor',
      endpoint: 'a.test',
      id: '1',
      kind: 'connection',
      label: 'jdoe on a.test',
      state: 'live',
      ownership: 'opened',
      effects: ['end', 'revoke'],
      fingerprint: 'f',
      details: {},
      ...session,
    },
    effect,
    isNamed: false,
  };
}

const plan = (steps: readonly PlanStep[], isEverything = false): Plan => ({
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  steps,
  problems: [],
  isEverything,
});

const level = (
  steps: readonly PlanStep[],
  isEverything = false,
  impact: 'low' | 'medium' | 'high' = 'medium',
) => dangerOf(plan(steps, isEverything), () => impact);

describe('dangerOf', () => {
  it.each<[string, ReturnType<typeof level>['level'], readonly PlanStep[], boolean]>([
    ['nothing', 'none', [], false],
    ['nothing, of everything', 'none', [], true],
    ['one own session', 'none', [step()], false],
    ['one adopted session', 'none', [step({ ownership: 'adopted' })], false],
    ['the one session there is', 'none', [step()], true],
    ['somebody else’s session', 'ask', [step({ ownership: 'foreign' })], false],
    ['several own sessions', 'ask', [step(), step({ id: '2' })], false],
    [
      'everything at one endpoint, in two spellings',
      'ask',
      [step(), step({ id: '2', endpoint: 'A.test' })],
      true,
    ],
    ['what a filter found at two endpoints', 'ask', [step(), step({ endpoint: 'b.test' })], false],
    ['everything at two endpoints', 'severe', [step(), step({ endpoint: 'b.test' })], true],
    ['a revoke', 'severe', [step({}, 'revoke')], false],
    ['a revoke among others', 'severe', [step(), step({ id: '2' }, 'revoke')], false],
  ])('of %s is %s', (_what, expected, steps, isEverything) => {
    expect(level(steps, isEverything).level).toBe(expected);
  });

  it('asks even for one own session where the provider is of high impact', () => {
    expect(level([step()], false, 'high').level).toBe('ask');
    expect(level([], false, 'high').level).toBe('none');
  });

  it('wants the name of the person whose access is revoked, or how many they are', () => {
    const revoke = (principal: string | undefined, label = 'x') => step({ principal, label }, 'revoke');
    expect(level([revoke('jdoe'), revoke('jdoe'), step({ principal: 'other' })]).name).toBe('jdoe');
    expect(level([revoke('jdoe'), revoke('asmith')]).name).toBe('2 people');
    expect(level([revoke(undefined, 'app on tenant')]).name).toBe('app on tenant');
    expect(level([revoke('jdoe'), revoke('jdoe')]).why).toBe(
      'it signs that person out of every app and device',
    );
    expect(level([revoke('jdoe'), revoke('asmith')]).why).toBe(
      'it signs these people out of every app and device',
    );
  });

  it('wants the provider’s name where everything goes, and says how much that is', () => {
    const steps = [step(), step({ endpoint: 'b.test' }), step({ endpoint: 'c.test' })];
    expect(level(steps, true)).toEqual({
      level: 'severe',
      why: 'everything at 3 systems goes',
      name: 'harbor',
    });
  });

  it('counts in words', () => {
    expect(level([step({ ownership: 'foreign' })]).why).toBe('the session is somebody else’s');
    expect(level([step({ ownership: 'foreign' }), step({ ownership: 'foreign', id: '2' })]).why).toBe(
      '2 sessions are somebody else’s',
    );
    expect(level([step(), step({ id: '2' })]).why).toBe('2 sessions would go');
  });
});
