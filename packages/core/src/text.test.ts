import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainText } from './text.ts';

const ESC = '\u001b';

describe('plainText', () => {
  it.each<[string, string, string]>([
    ['colours', `${ESC}[31;1mred${ESC}[0m`, 'red'],
    ['a cursor that moves', `one${ESC}[2A${ESC}[2Ktwo`, 'onetwo'],
    ['the C1 twin of CSI', '\u009b31mred', 'red'],
    ['a window title', `${ESC}]0;pwned\u0007jdoe`, 'jdoe'],
    ['a link', `${ESC}]8;;https://evil.test${ESC}\\jdoe${ESC}]8;;${ESC}\\`, 'jdoe'],
    ['the C1 twin of OSC', '\u009d0;pwned\u009cjdoe', 'jdoe'],
    ['a device control string', `${ESC}P$q"p${ESC}\\jdoe`, 'jdoe'],
    ['a reset of the terminal', `${ESC}cjdoe`, 'jdoe'],
    ['another character set', `${ESC}(0jdoe`, 'jdoe'],
    ['an escape at the end', `jdoe${ESC}`, 'jdoe'],
    ['an escape inside another', `${ESC}${ESC}[31m[31mjdoe`, '[31mjdoe'],
    ['a right-to-left override', 'ecod\u202eexe.txt', 'ecodexe.txt'],
    ['isolates', '\u2066a\u2067b\u2068c\u2069', 'abc'],
    ['zero-width characters', 'j\u200bd\u200do\u2060e\ufeff', 'jdoe'],
    ['a soft hyphen', 'jd\u00adoe', 'jdoe'],
    ['C0 and C1 controls', 'j\u0000d\u0008o\u007fe\u0085', 'jdoe'],
    ['lines and tabs', 'one\r\ntwo\tthree', 'one two three'],
    ['separators of lines', 'one\u2028two', 'onetwo'],
  ])('takes %s away', (_what, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it.each(['jdoe on SERVER01', 'CONTOSO\\jdoe', 'Zoë Müller', '田中さん', 'עברית', '🚢 harbour', '', '[31m'])(
    'leaves %p as it is',
    (text) => expect(plainText(text)).toBe(text),
  );

  it('shortens what is too long, and says so', () => {
    expect(plainText('x'.repeat(10), 10)).toBe('x'.repeat(10));
    expect(plainText('x'.repeat(11), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(plainText('x'.repeat(10_000_000)).length).toBe(2000);
  });

  it('does not cut a character in two', () => {
    expect(plainText('🚢'.repeat(10), 10)).toBe('🚢🚢🚢🚢…');
    expect(plainText('half: \ud83d.')).toBe('half: .');
  });

  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          ESC,
          '[',
          ']',
          '\u009b',
          '\u009d',
          '\u0007',
          '\\',
          '31',
          'm',
          ';',
          'a',
          '\u202e',
          '\n',
        ),
      )
      .map((parts) => parts.join('')),
  );

  it('lets nothing through that a terminal would act upon', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 50 }), (text, longest) => {
        const plain = plainText(text, longest);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(plain.length).toBeLessThanOrEqual(longest);
      }),
    );
  });

  it('changes nothing that it has made', () => {
    fc.assert(fc.property(hostile, (text) => expect(plainText(plainText(text))).toBe(plainText(text))));
  });
});
