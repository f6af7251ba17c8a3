import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DisconnectError } from './errors.ts';
import { parseParameters, type Parameter, type ParameterTable } from './parameters.ts';
import { Secret } from './secret.ts';

const summary = 'What it is for.';

/** What is said of `input`; `undefined` where nothing is wrong. */
function refusal(
  table: ParameterTable,
  input: Readonly<Record<string, unknown>>,
): DisconnectError | undefined {
  try {
    parseParameters(table, input);
    return undefined;
  } catch (error) {
    if (!DisconnectError.is(error)) throw error;
    expect(error.code).toBe('invalid-request');
    return error;
  }
}

/** The value of the only parameter of a table. */
const one = (parameter: Omit<Parameter, 'summary'>, value: unknown): unknown =>
  parseParameters({ it: { ...parameter, summary } }, { it: value })['it'];
const refused = (parameter: Omit<Parameter, 'summary'>, value: unknown): string | undefined =>
  refusal({ it: { ...parameter, summary } }, { it: value })?.message;

describe('parseParameters', () => {
  it('infers the types of values from the table', () => {
    const table = {
      computerName: { type: 'string', summary, many: true, endpoint: true },
      sessionId: { type: 'integer', summary, minimum: 1 },
      mode: { type: 'string', summary, choices: ['fast', 'slow'], required: true },
    } as const;
    const values = parseParameters(table, { computerName: 'SERVER01', sessionId: '3', mode: 'FAST' });
    const names: readonly string[] | undefined = values.computerName;
    const id: number | undefined = values.sessionId;
    const mode: 'fast' | 'slow' = values.mode;
    expect({ names, id, mode }).toEqual({ names: ['SERVER01'], id: 3, mode: 'fast' });
  });

  it('leaves out what is not given', () => {
    expect(parseParameters({ a: { type: 'string', summary } }, { a: undefined })).toEqual({});
  });

  describe('strings', () => {
    it.each(['a', ' ', 'Ä', '-1', 'x'.repeat(65_536)])('takes %#', (text) =>
      expect(one({ type: 'string' }, text)).toBe(text),
    );
    it.each(['', 'a\0b', 'x'.repeat(65_537), 7, true, null, {}, ['a'], [], Symbol('a'), new Secret('a'), 1n])(
      'refuses %#',
      (value) => expect(refused({ type: 'string' }, value)).toMatch(/^it /),
    );
    it('takes a choice in any case, and gives it as the table writes it', () => {
      const mode = { type: 'string', choices: ['Fast', 'Slow'] } as const;
      expect(one(mode, 'fAST')).toBe('Fast');
      expect(refused(mode, 'fas')).toBe('it is one of: Fast, Slow');
    });
    it('holds the whole value against a pattern', () => {
      const guid = { type: 'string', pattern: '[0-9a-f]{4}|x' } as const;
      expect(one(guid, '00ff')).toBe('00ff');
      expect(refused(guid, '00ff0')).toBe('it does not have the right form');
      expect(refused(guid, '00ff\n')).toBe('it does not have the right form');
    });
  });

  describe('integers', () => {
    it.each<[unknown, number]>([
      [7, 7],
      ['7', 7],
      ['+7', 7],
      ['-7', -7],
      ['007', 7],
      [0, 0],
    ])('takes %p', (value, number) => expect(one({ type: 'integer' }, value)).toBe(number));
    it.each([
      1.5,
      NaN,
      Infinity,
      2 ** 53,
      '1.5',
      '0x10',
      '1e3',
      ' 1',
      '1 ',
      '',
      '9'.repeat(16),
      null,
      true,
      [1],
      1n,
    ])('refuses %p', (value) =>
      expect(refused({ type: 'integer' }, value)).toMatch(/^it (is a whole number|takes one value)$/),
    );
    it('keeps bounds', () => {
      const port = { type: 'integer', minimum: 1, maximum: 65_535 } as const;
      expect([one(port, 1), one(port, 65_535)]).toEqual([1, 65_535]);
      expect(refused(port, 0)).toBe('it is at least 1');
      expect(refused(port, '65536')).toBe('it is at most 65535');
    });
  });

  it.each<[unknown, boolean]>([
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
  ])('takes %p for a boolean', (value, boolean) => expect(one({ type: 'boolean' }, value)).toBe(boolean));
  it.each(['yes', 'TRUE', 1, 0, null, '', []])('does not take %p for a boolean', (value) =>
    expect(refused({ type: 'boolean' }, value)).toMatch(/^it (is true or false|takes one value)$/),
  );

  it('takes secrets as Secret only, and repeats no value that it refuses', () => {
    const secret = new Secret('canary-7f3a');
    expect(one({ type: 'secret' }, secret)).toBe(secret);
    const error = refusal({ password: { type: 'secret', summary } }, { password: 'canary-7f3a' });
    expect(JSON.stringify(error) + String(error?.stack)).not.toContain('canary-7f3a');
  });

  describe('many', () => {
    const many = { type: 'integer', many: true, maximum: 9 } as const;
    it('takes one for a list, and keeps the order', () => {
      expect(one(many, 3)).toEqual([3]);
      expect(one(many, ['3', 1, 3])).toEqual([3, 1, 3]);
    });
    it('refuses a list that is empty, too long, nested, or has one wrong value', () => {
      expect(refused(many, [])).toBe('it needs at least one value');
      expect(refused(many, Array<number>(10_001).fill(1))).toBe('it takes at most 10000 values');
      expect(refused(many, [1, [2]])).toBe('it is a whole number');
      expect(refused(many, [1, 10])).toBe('it is at most 9');
    });
  });

  describe('sets', () => {
    const table: ParameterTable = {
      connectionId: { type: 'string', summary, excludes: ['modulePrefix'] },
      modulePrefix: { type: 'string', summary },
      computerName: { type: 'string', summary },
      sessionId: { type: 'integer', summary, requires: ['computerName'] },
    };
    it('refuses two that exclude each other, and one without what it requires', () => {
      expect(refusal(table, { connectionId: 'a' })).toBeUndefined();
      expect(refusal(table, { connectionId: 'a', modulePrefix: 'b' })?.message).toBe(
        'connectionId and modulePrefix exclude each other',
      );
      expect(refusal(table, { sessionId: 1, computerName: 'a' })).toBeUndefined();
      expect(refusal(table, { sessionId: 1 })).toMatchObject({
        message: 'sessionId needs computerName',
        next: 'give computerName as well',
      });
    });
    it('asks for what is required', () => {
      const host: ParameterTable = { host: { type: 'string', summary: 'The host.', required: true } };
      expect(refusal(host, {})?.message).toBe('host is required: The host.');
      expect(refusal(host, { host: undefined })?.message).toBe('host is required: The host.');
    });
  });

  describe('names', () => {
    it('refuses what is not in the table, and says what is', () => {
      const table: ParameterTable = { host: { type: 'string', summary }, port: { type: 'integer', summary } };
      expect(refusal(table, { hots: 'a' })).toMatchObject({
        message: 'unknown parameter "hots"',
        next: 'use one of: host, port',
      });
      expect(refusal({}, { host: 'a' })?.next).toBe('leave it out: nothing can be given here');
      expect(refusal(table, { ['x'.repeat(500)]: 'a' })?.message.length).toBeLessThan(120);
    });
    it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('takes %s for unknown', (name) => {
      const input = JSON.parse(`{ ${JSON.stringify(name)}: { "polluted": true } }`) as Record<
        string,
        unknown
      >;
      expect(refusal({ host: { type: 'string', summary } }, input)?.message).toBe(
        `unknown parameter "${name}"`,
      );
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });
    it('does not take what every object has for a value', () => {
      const table = {
        host: { type: 'string', summary, excludes: ['constructor'] },
        ['constructor']: { type: 'string', summary },
      } as const;
      expect(refusal(table, { host: 'a' })).toBeUndefined();
    });
  });

  it('throws nothing but DisconnectError, whatever comes', () => {
    const parameter = fc.record(
      {
        type: fc.constantFrom('string', 'integer', 'boolean', 'secret'),
        summary: fc.constant(summary),
        many: fc.boolean(),
        required: fc.boolean(),
        minimum: fc.integer(),
        choices: fc.array(fc.string(), { minLength: 1 }),
        pattern: fc.constantFrom('a+', '[0-9]{2,4}'),
        excludes: fc.array(fc.constantFrom('a', 'b', '__proto__')),
        requires: fc.array(fc.constantFrom('a', 'b', 'constructor')),
      },
      { requiredKeys: ['type', 'summary'] },
    );
    const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
    const input = fc.dictionary(
      names,
      fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }),
    );
    fc.assert(
      fc.property(fc.dictionary(names, parameter), input, (table, values) => {
        refusal(table, values);
      }),
    );
  });
});
