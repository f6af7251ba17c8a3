import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DisconnectError } from './errors.ts';
import { parsePlan, parseSessionRefs } from './plan-file.ts';
import type { Plan } from './plan.ts';
import type { Session } from './session.ts';

const session: Session = {
  provider: 'hpe-oneview',
  endpoint: 'ov1.example',
  id: '1',
  kind: 'connection',
  label: 'jdoe on ov1.example',
  principal: 'jdoe',
  state: 'live',
  ownership: 'opened',
  effects: ['end'],
  fingerprint: 'f00d',
  openedAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-01-02T00:00:00Z',
  details: { version: 2000, roles: ['Administrator'], nested: { isLocal: true, note: null } },
};

const plan: Plan = {
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  steps: [
    { session, effect: 'end', isNamed: true },
    { session: { ...session, id: '2', fingerprint: 'beef' }, effect: 'end', isNamed: false },
  ],
  problems: [
    {
      provider: 'hpe-oneview',
      endpoint: 'ov9.example',
      session: { ...session, id: '9', effects: [] },
      error: new DisconnectError('unreachable', 'nothing listens there', {
        system: 'ov9.example:443',
        next: 'check the name',
      }),
    },
  ],
  isEverything: true,
};

/** The plan as a file has it, with something in it changed by hand. */
function edited(change: (fields: Editable) => void): unknown {
  const fields = JSON.parse(JSON.stringify(plan)) as Editable;
  change(fields);
  return fields;
}

type Fields = Record<string, unknown>;
type Editable = Fields & { steps: (Fields & { session: Fields })[]; problems: Fields[] };

function refusal(parse: () => unknown): DisconnectError {
  try {
    parse();
  } catch (error) {
    if (DisconnectError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parsePlan', () => {
  it('reads back what was written', () => {
    const read = parsePlan(JSON.parse(JSON.stringify(plan)));
    expect(read).toEqual(plan);
    expect(JSON.stringify(read)).toBe(JSON.stringify(plan));
  });

  it.each<[string, (fields: Editable) => void, string]>([
    ['another version', (fields) => (fields['version'] = 2), 'the plan has a version other than 1'],
    ['no version', (fields) => delete fields['version'], 'the plan has a version other than 1'],
    ['no time', (fields) => delete fields['createdAt'], 'createdAt is not a text'],
    ['no steps', (fields) => delete (fields as Fields)['steps'], 'steps is not a list'],
    ['steps by name', (fields) => ((fields as Fields)['steps'] = {}), 'steps is not a list'],
    ['a step that is none', (fields) => (fields.steps[1] = 'x' as never), 'steps[1] is not an object'],
    [
      'no session',
      (fields) => delete (fields.steps[1] as Fields)['session'],
      'steps[1].session is not an object',
    ],
    [
      'another effect',
      (fields) => (fields.steps[0]!['effect'] = 'destroy'),
      'steps[0].effect is not an effect',
    ],
    ['no id', (fields) => delete fields.steps[0]!.session['id'], 'steps[0].session.id is not a text'],
    [
      'an id in parts',
      (fields) => (fields.steps[0]!.session['id'] = ['1']),
      'steps[0].session.id is not a text',
    ],
    ['half an id', (fields) => (fields.steps[0]!.session['id'] = 1.5), 'steps[0].session.id is not a text'],
    [
      'no fingerprint',
      (fields) => delete fields.steps[0]!.session['fingerprint'],
      'steps[0].session.fingerprint is not a text',
    ],
    [
      'an endless label',
      (fields) => (fields.steps[0]!.session['label'] = 'x'.repeat(5000)),
      'steps[0].session.label is not a text',
    ],
    [
      'a problem without an error',
      (fields) => (fields.problems[0] = { provider: 'x' }),
      'problems[0].error is not',
    ],
    [
      'the same session twice',
      (fields) => (fields.steps[1]!.session['id'] = '1'),
      'steps[1] is about a session that an earlier step is about',
    ],
    [
      'too many steps',
      (fields) => (fields.steps = Array<never>(100_001).fill(fields.steps[0] as never)),
      'steps has more than 100000 entries',
    ],
  ])('refuses %s', (_what, change, message) => {
    const error = refusal(() => parsePlan(edited(change)));
    expect(error.code).toBe('invalid-request');
    expect(error.message).toContain(message);
    expect(error.next).toContain('--plan');
  });

  it('believes nothing that it does not know', () => {
    const { steps } = parsePlan(
      edited((fields) =>
        Object.assign(fields.steps[0]!.session, {
          state: 'immortal',
          ownership: 'mine',
          effects: ['end', 'destroy', 7],
          isCaller: true,
          isDefault: true,
          toString: 'x',
        }),
      ),
    );
    expect(steps[0]?.session).toEqual({
      ...session,
      state: 'unknown',
      ownership: 'foreign',
      effects: ['end'],
    });
  });

  it('keeps no details that are too many or too deep to be shown', () => {
    const deep = JSON.parse('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)) as unknown;
    for (const details of [deep, { big: 'x'.repeat(1_000_000) }, 'text', null, [1, 2]]) {
      const { steps } = parsePlan(edited((fields) => (fields.steps[0]!.session['details'] = details)));
      expect(JSON.stringify(steps[0]?.session.details)).toBe('{}');
    }
  });

  it('refuses whatever is no plan, with a DisconnectError and nothing else', () => {
    const anything = fc.anything({ withNullPrototype: true, withDate: true, maxDepth: 4 });
    const almost = fc.record({
      version: fc.constant(1),
      createdAt: fc.string(),
      steps: fc.array(fc.oneof(anything, fc.record({ session: anything, effect: fc.constant('end') }))),
      problems: fc.array(fc.oneof(anything, fc.record({ provider: fc.string(), error: anything }))),
    });
    fc.assert(
      fc.property(fc.oneof(anything, almost), (value) => {
        try {
          parsePlan(value);
        } catch (error) {
          if (!DisconnectError.is(error)) throw error;
        }
      }),
    );
  });
});

describe('parseSessionRefs', () => {
  const ref = { provider: 'hpe-oneview', endpoint: 'ov1.example', id: '1' };

  it('takes sessions, outcomes and bare references, one or many', () => {
    const outcome = { session, status: 'failed', error: { code: 'timeout', message: 'no answer' } };
    expect(parseSessionRefs(session)).toEqual([{ ...ref, fingerprint: 'f00d' }]);
    expect(parseSessionRefs([session, outcome, ref])).toEqual([
      { ...ref, fingerprint: 'f00d' },
      { ...ref, fingerprint: 'f00d' },
      ref,
    ]);
    expect(parseSessionRefs([])).toEqual([]);
  });

  it('takes a number for an id', () => {
    expect(parseSessionRefs({ ...ref, id: 7 })).toEqual([{ ...ref, id: '7' }]);
  });

  it.each<[unknown, string]>([
    [null, 'session 1 is not an object'],
    ['x', 'session 1 is not an object'],
    [[ref, 7], 'session 2 is not an object'],
    [[[ref]], 'session 1 is not an object'],
    [{ ...ref, id: '' }, 'session 1.id is not a text'],
    [{ ...ref, endpoint: {} }, 'session 1.endpoint is not a text'],
    [{ ...ref, provider: undefined }, 'session 1.provider is not a text'],
    [{ ...ref, fingerprint: 7 }, 'session 1.fingerprint is not a text'],
    [{ session: [] }, 'session 1.provider is not a text'],
  ])('refuses %j', (value, message) => {
    const error = refusal(() => parseSessionRefs(value));
    expect(error.code).toBe('invalid-request');
    expect(error.message).toContain(message);
  });
});
