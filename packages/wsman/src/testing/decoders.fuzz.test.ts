import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { elapsed, parseDuration, timeout } from './durations.ts';
import { readEnvelope } from './envelope.ts';
import { RESOURCES } from './namespaces.ts';
import { envelope } from './raw-client.test.support.ts';
import { readSealed, SOAP_TYPE, writeSealed } from './sealing.ts';
import { escapeXml, parseXml } from './xml.ts';

const GET = envelope({ action: 'Get', resource: RESOURCES.shells, selectors: { ShellId: 'x' } });

describe('whatever is sent', () => {
  it('a sealed body is read or not', () => {
    const protocol = 'application/HTTP-SPNEGO-session-encrypted';
    const read = (body: Buffer) =>
      readSealed(body, protocol, ({ tokenLength, length }) => tokenLength + length);
    const parts = fc.array(
      fc.tuple(fc.nat(64), fc.uint8Array({ maxLength: 300 })).map(([token, encrypted]) => ({
        originalType: SOAP_TYPE,
        tokenLength: Math.min(token, encrypted.length),
        length: encrypted.length - Math.min(token, encrypted.length),
        encrypted: Buffer.from(encrypted),
      })),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(parts, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (given, changes) => {
        const written = writeSealed(protocol, given);
        expect(read(written)).toEqual(given);
        for (const [at, value] of changes) written[at % written.length] = value;
        for (const { tokenLength, length, encrypted } of read(written) ?? [])
          expect(encrypted).toHaveLength(tokenLength + length);
      }),
    );
  });

  it('an envelope is read, or there is an error', () => {
    const change = fc.tuple(
      fc.nat(GET.length),
      fc.nat(GET.length),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          change.map(([from, to, text]) => GET.slice(0, from) + text + GET.slice(to)),
        ),
        (text) => {
          try {
            expect(readEnvelope(text).messageId).toEqual(expect.any(String));
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            expect(error).not.toBeInstanceOf(TypeError);
            expect(error).not.toBeInstanceOf(RangeError);
          }
        },
      ),
    );
  });

  it('text is kept through XML', () => {
    const text = fc.string({ unit: fc.constantFrom(...'<>&"\'ab ü\u{1f600}]') });
    fc.assert(
      fc.property(text, (given) => {
        const root = parseXml(`<a b="${escapeXml(given)}">${escapeXml(given)}</a>`);
        expect([root.text, root.attributes.get('b')]).toEqual([given, given]);
      }),
    );
  });

  it('times are kept, and other text is no time', () => {
    fc.assert(
      fc.property(fc.nat(2_147_483_647), (milliseconds) => {
        expect(parseDuration(timeout(milliseconds))).toBeCloseTo(milliseconds, 0);
        expect(parseDuration(elapsed(milliseconds))).toBe(Math.floor(milliseconds / 1000) * 1000);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => expect(parseDuration(text) ?? 0).toEqual(expect.any(Number))),
    );
    for (const text of ['', 'P', 'PT', 'P1DT', '1S', 'PT1', 'P1Y'])
      expect(parseDuration(text)).toBeUndefined();
  });
});
