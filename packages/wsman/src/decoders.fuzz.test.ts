import { describe, expect, it, jest } from '@jest/globals';
import { DisconnectError } from '@slipline/core';
import fc from 'fast-check';
import { readChallenges } from './wsman-challenge.ts';
import { secondsOf } from './wsman-duration.ts';
import { readPage } from './wsman-enumeration.ts';
import { faultError } from './wsman-errors.ts';
import { WsmanFault } from './wsman-fault.ts';
import { NS } from './wsman-namespaces.ts';
import { readParts } from './wsman-sealing.ts';
import { readShell, sessionOf } from './wsman-shells.ts';
import { envelope, escapeXml, readEnvelope } from './wsman-soap.ts';
import { parseXml } from './wsman-xml.ts';

jest.setTimeout(60_000);

/** A decoder either gives something or says in our words why not. */
function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (DisconnectError.is(error)) return undefined;
    throw error;
  }
}

const prefixes = Object.keys(NS);
const names = [
  'Envelope',
  'Body',
  'Fault',
  'Detail',
  'WSManFault',
  'Message',
  'ProviderFault',
  'Items',
  'Shell',
  'ShellId',
  'Code',
  'Value',
  'EnumerateResponse',
  'EnumerationContext',
  'IdleTimeOut',
];
const declared = Object.entries(NS)
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');

/** Documents of the right words in any order. */
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      fc.constantFrom(...prefixes),
      fc.constantFrom(...names),
      fc.constantFrom('', ' Code="5"', ' Code="x"', ' Name="ShellId"'),
      fc.array(
        fc.oneof({ maxDepth: 8 }, fc.constantFrom('', 'w:TimedOut', 'P0DT1S', '&amp;', '9'), tie('element')),
        { maxLength: 4 },
      ),
    )
    .map(
      ([prefix, name, attributes, inside]) =>
        `<${prefix}:${name}${attributes}>${inside.join('')}</${prefix}:${name}>`,
    ),
}));
const message = element.map((inside) => `<s:Envelope ${declared}><s:Body>${inside}</s:Body></s:Envelope>`);

describe('no decoder fails in words of its own, whatever comes', () => {
  it('SOAP, of any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.string({
            unit: fc.constantFrom('<', '>', '&', '!', '?', '[', ']', '-', 'a', ':', '"', '=', '/', ' '),
          }),
        ),
        (text) => void tried(() => readEnvelope(text)),
      ),
      { numRuns: 2000 },
    );
  });

  it('SOAP, of documents that are almost right', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.string({ maxLength: 3 }), (text, place, spoil) => {
        const at = place % text.length;
        tried(() => readEnvelope(text.slice(0, at) + spoil + text.slice(at + 1)));
        const { content, fault } = readEnvelope(text);
        if (fault !== undefined) expect(faultError(WsmanFault.read(fault)).next).toBeDefined();
        if (content === undefined) return;
        tried(() => readPage(content));
        const shell = readShell(content);
        if (shell !== undefined) JSON.stringify(sessionOf(shell, 'wsman', 'server01', 0));
      }),
      { numRuns: 500 },
    );
  });

  it('multipart, of any bytes and of frames that are almost right', () => {
    const frame = fc
      .tuple(
        fc.nat(70_000),
        fc.nat(70_000),
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('--Encrypted Boundary--\r\n', '-- Encrypted Boundary--', '--Encrypted Boundary', ''),
      )
      .map(([length, token, data, end]) => {
        const size = Buffer.alloc(4);
        size.writeUInt32LE(token);
        const head =
          `--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=${length}\r\n` +
          '--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n';
        return Buffer.concat([Buffer.from(head), size, data, Buffer.from(end)]);
      });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
          frame,
          fc.tuple(frame, frame).map((two) => Buffer.concat(two)),
        ),
        (body) => {
          for (const { data, token } of tried(() => readParts(body)) ?? [])
            expect(data.length + token.length).toBeLessThan(body.length);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('headers of a sign-in', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('Negotiate', 'Basic', ' ', ',', '=', '"', '\\', 'realm="', 'YII=', '\t'),
    );
    fc.assert(
      fc.property(fc.array(fc.array(piece).map((pieces) => pieces.join(''))), (lines) => {
        for (const { scheme } of readChallenges(lines)) expect(scheme).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });

  it('durations', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'PTYMDHS0123456789.-') }), (text) => {
        const seconds = secondsOf(text);
        if (seconds !== undefined) expect(Number.isFinite(seconds)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('no decoder takes long over what is made to take long', () => {
  it.each([
    ['comments', `<a>${'<!--x-->'.repeat(400_000)}</a>`],
    ['references', `<a>${'&amp;'.repeat(600_000)}</a>`],
    ['brackets', '<'.repeat(3_000_000)],
    ['one long name', `<${'a'.repeat(3_000_000)}/>`],
    ['blanks', `<a>${' '.repeat(4_000_000)}</a>`],
  ])('XML of %s', (_what, text) => {
    const before = performance.now();
    tried(() => parseXml(text));
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it.each([
    ['a name after a name', 'a '.repeat(100_000)],
    ['open quotes', 'Basic realm="' + '\\"'.repeat(100_000)],
    ['commas', ','.repeat(200_000)],
    ['blanks', 'Basic ' + ' '.repeat(200_000) + '!'],
    ['equals signs', 'Negotiate a' + '='.repeat(200_000) + '!'],
  ])('challenges of %s', (_what, line) => {
    const before = performance.now();
    readChallenges(Array.from({ length: 32 }, () => line));
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('boundaries in sealed data', () => {
    const before = performance.now();
    tried(() => readParts(Buffer.from('--Encrypted Boundary\r\n'.repeat(200_000))));
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe('what is written', () => {
  it('is read again as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const written = tried(() => `<a>${escapeXml(text)}</a>`);
        if (written !== undefined) expect(parseXml(written).text).toBe(text);
      }),
    );
  });

  it('is well-formed whatever it carries', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (selectors, resourceUri) => {
        const text = tried(() =>
          envelope('http://h/wsman', 'uuid:S', 'uuid:M', { action: 'a', resourceUri, selectors }),
        );
        if (text !== undefined) expect(parseXml(text).name).toBe('Envelope');
      }),
    );
  });
});
