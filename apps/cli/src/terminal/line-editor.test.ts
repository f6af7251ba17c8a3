import { describe, expect, it } from '@jest/globals';
import { LineEditor } from './line-editor.ts';

/** What was typed, and how it ended. */
function typed(...keys: string[]) {
  const editor = new LineEditor();
  const ends = keys.map((key) => editor.type(key));
  return { text: editor.text, end: ends.at(-1) };
}

describe('a line', () => {
  it.each([
    ['is ended by Enter', ['pass', 'word\r'], 'password', 'line'],
    ['drops what comes behind', ['one\ntwo\n'], 'one', 'line'],
    ['takes characters back', ['pasx\u007fs\b\bss\r'], 'pass', 'line'],
    ['takes whole characters back', ['a\u{1f600}\u007fb\r'], 'ab', 'line'],
    ['is begun anew with Ctrl-U', ['wrong\u0015right\r'], 'right', 'line'],
    [
      'knows nothing of cursor keys and the marks of a paste',
      ['\u001b[200~se\u001b[Dcret\u001b[201~\u001bOA\r'],
      'secret',
      'line',
    ],
    ['ignores other controls', ['a\u0001b\tc\r'], 'abc', 'line'],
    ['is interrupted by Ctrl-C', ['half\u0003'], 'half', 'interrupt'],
    ['ends with Ctrl-D, at its beginning only', ['\u0004'], '', 'end'],
    ['does not end with Ctrl-D elsewhere', ['a\u0004b\r'], 'ab', 'line'],
    ['goes on', ['abc'], 'abc', undefined],
  ])('%s', (_what, keys, text, end) => {
    expect(typed(...keys)).toEqual({ text, end });
  });
});
