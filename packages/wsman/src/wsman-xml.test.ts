import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from '@slipline/core';
import { childOf, parseXml, textOf } from './wsman-xml.ts';

function refusal(text: string): DisconnectError {
  try {
    parseXml(text);
  } catch (error) {
    if (DisconnectError.is(error)) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('XML', () => {
  it('is read by namespaces, whatever the prefixes', () => {
    const root = parseXml(
      '<q:a xmlns:q="urn:1" x="1" q:y="2"><b xmlns="urn:2"> t<![CDATA[<&]]>&amp;\n</b></q:a>',
    );
    expect(root).toMatchObject({ namespace: 'urn:1', name: 'a', attributes: { x: '1', '{urn:1}y': '2' } });
    expect(childOf(root, 'urn:2', 'b')?.text).toBe(' t<&&\n');
    expect([textOf(root, 'urn:2', 'b'), textOf(root, 'urn:1', 'b')]).toEqual(['t<&&', undefined]);
  });

  it('resolves qualified names where they stand', () => {
    const root = parseXml('<a xmlns:p="urn:1"><b xmlns:p="urn:2"> p:Code </b><c>p:Code</c><d>q:Code</d></a>');
    expect(root.children.map(({ qualified }) => qualified)).toEqual([
      '{urn:2}Code',
      '{urn:1}Code',
      undefined,
    ]);
  });

  it('may begin with a byte order mark and a declaration', () => {
    expect(parseXml('\uFEFF<?xml version="1.0" encoding="utf-8"?><a/>').name).toBe('a');
  });

  const laughs = `<!DOCTYPE a [<!ENTITY l0 "ha"><!ENTITY l1 "&l0;&l0;">]><a>&l1;</a>`;
  it.each([
    ['a document type, and with it entities', laughs, 'document type'],
    ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'document type'],
    ['an entity that nobody declared', '<a>&secret;</a>', 'well-formed'],
    ['instructions', '<a><?php echo 1 ?></a>', 'instructions'],
    ['what is nested too deeply', '<a>'.repeat(100_000), 'deeply'],
    ['too many elements', `<a>${'<b/>'.repeat(100_001)}</a>`, 'many elements'],
    [
      'too many attributes',
      `<a ${Array.from({ length: 65 }, (_, i) => `x${i}=""`).join(' ')}/>`,
      'attributes',
    ],
    ['a prefix without a namespace', '<p:a/>', 'well-formed'],
    ['tags that do not fit', '<a><b></a></b>', 'well-formed'],
    ['two roots', '<a/><a/>', 'well-formed'],
    ['nothing', '', 'well-formed'],
    ['text', 'hello', 'well-formed'],
    ['half a document', '<a><b>', 'well-formed'],
    ['more than 4 MiB', `<a>${' '.repeat(4 * 1024 * 1024)}</a>`, 'large'],
  ])('is refused with %s', (_what, text, why) => {
    expect(refusal(text)).toMatchObject({ code: 'protocol', message: expect.stringContaining(why) });
  });
});
