import { describe, expect, it } from '@jest/globals';
import { readChallenges } from './wsman-challenge.ts';
import { secondsOf } from './wsman-duration.ts';
import { readPage } from './wsman-enumeration.ts';
import { ACTION, NS, RESOURCE } from './wsman-namespaces.ts';
import { envelope, escapeXml, readEnvelope } from './wsman-soap.ts';
import { childOf, parseXml, textOf } from './wsman-xml.ts';

describe('an envelope', () => {
  const request = {
    action: ACTION.delete,
    resourceUri: RESOURCE.cmd,
    selectors: { ShellId: 'a<b&"c"' },
    options: { WINRS_NOPROFILE: 'TRUE' },
  };
  const text = envelope('http://h:5985/wsman?a&b', 'uuid:S', 'uuid:M', request);
  const header = childOf(parseXml(text), NS.s, 'Header');

  it('has the headers that services want, in their namespaces', () => {
    expect([
      textOf(header, NS.a, 'Action'),
      textOf(header, NS.a, 'To'),
      textOf(header, NS.a, 'MessageID'),
      textOf(childOf(header, NS.a, 'ReplyTo'), NS.a, 'Address'),
      textOf(header, NS.w, 'ResourceURI'),
      textOf(header, NS.w, 'MaxEnvelopeSize'),
      textOf(header, NS.w, 'OperationTimeout'),
      textOf(header, NS.p, 'SessionId'),
    ]).toEqual([
      'http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete',
      'http://h:5985/wsman?a&b',
      'uuid:M',
      'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous',
      RESOURCE.cmd,
      '153600',
      'PT20S',
      'uuid:S',
    ]);
    const must = header?.children.filter((one) => one.attributes[`{${NS.s}}mustUnderstand`] === 'true');
    expect(must?.map(({ name }) => name)).toEqual(['Action', 'ResourceURI', 'MaxEnvelopeSize', 'OptionSet']);
  });

  it('carries selectors and options as they are, however they are spelled', () => {
    expect(childOf(childOf(header, NS.w, 'SelectorSet'), NS.w, 'Selector')).toMatchObject({
      attributes: { Name: 'ShellId' },
      text: 'a<b&"c"',
    });
    expect(childOf(childOf(header, NS.w, 'OptionSet'), NS.w, 'Option')).toMatchObject({ text: 'TRUE' });
  });

  it.each(['\0', '\u0008', '\uFFFE', '\uD800'])('cannot carry %j', (text) => {
    expect(() => escapeXml(`a${text}`)).toThrow('cannot be sent');
  });

  it('keeps line breaks and pairs of surrogates', () => {
    const written = `<a>${escapeXml('x\r\n\t😀')}</a>`;
    expect(parseXml(written).text).toBe('x\r\n\t😀');
  });

  it.each(['<a/>', `<s:Envelope xmlns:s="${NS.s}"/>`, `<Envelope><Body/></Envelope>`])('is not %s', (xml) => {
    expect(() => readEnvelope(xml)).toThrow('no SOAP 1.2');
  });
});

describe('a page of a list', () => {
  const page = (name: string, inside: string) =>
    readPage(parseXml(`<e:${name} xmlns:e="${NS.n}" xmlns:w="${NS.w}">${inside}</e:${name}>`));

  it('is optimised: items at once, in the namespace of WS-Management', () => {
    const inside = '<e:EnumerationContext/><w:Items><a/><b/></w:Items><w:EndOfSequence/>';
    expect(page('EnumerateResponse', inside)).toMatchObject({
      items: [{ name: 'a' }, { name: 'b' }],
      isLast: true,
    });
  });

  it('is classic: a context first, items of a Pull afterwards', () => {
    expect(page('EnumerateResponse', '<e:EnumerationContext>c1</e:EnumerationContext>')).toEqual({
      items: [],
      context: 'c1',
      isLast: false,
    });
    const inside = '<e:Items><a/></e:Items><e:EnumerationContext>c2</e:EnumerationContext>';
    expect(page('PullResponse', inside)).toMatchObject({
      items: [{ name: 'a' }],
      context: 'c2',
      isLast: false,
    });
    expect(page('PullResponse', '<e:Items/><e:EndOfSequence/>')).toMatchObject({ items: [], isLast: true });
  });

  it('is empty where there is nothing', () => {
    expect(page('EnumerateResponse', '<e:EnumerationContext/><w:EndOfSequence/>')).toMatchObject({
      items: [],
      isLast: true,
    });
  });

  it('is nothing else', () => {
    expect(() => page('Pull', '')).toThrow('no list');
  });
});

describe('a duration', () => {
  it.each([
    ['P0DT0H0M9S', 9],
    ['PT7200.000S', 7200],
    ['P1DT2H3M4.5S', 93784.5],
    ['PT2147483.647S', 2147483.647],
    ['P', undefined],
    ['PT', undefined],
    ['P1M', undefined],
    ['-PT5S', undefined],
    ['9', undefined],
    [undefined, undefined],
  ])('%s is %p seconds', (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds);
  });
});

describe('what a server offers to be signed in by', () => {
  it('stands in one header or in several', () => {
    expect(
      readChallenges(['Negotiate, Basic realm="a, b \\"c\\""', 'Digest realm=x, qop="auth", nonce="n=="']),
    ).toEqual([
      { scheme: 'negotiate', token: undefined, parameters: {} },
      { scheme: 'basic', token: undefined, parameters: { realm: 'a, b "c"' } },
      { scheme: 'digest', token: undefined, parameters: { realm: 'x', qop: 'auth', nonce: 'n==' } },
    ]);
  });

  it('may come with a token', () => {
    expect(readChallenges(['Negotiate oYG2MIGz==', 'Kerberos'])).toEqual([
      { scheme: 'negotiate', token: 'oYG2MIGz==', parameters: {} },
      { scheme: 'kerberos', token: undefined, parameters: {} },
    ]);
  });

  it.each(['', ',,,', '"', '=', '\u0000', 'Basic realm="', '<html>'])('is not invented from %j', (line) => {
    expect(readChallenges([line]).every(({ scheme }) => /^[a-z]/.test(scheme))).toBe(true);
  });
});
