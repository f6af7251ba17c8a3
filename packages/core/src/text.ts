// Control and format characters (bidirectional and zero-width ones among them), halves of characters, line and paragraph separators.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
// Escape sequences (ECMA-48 §5.4, §5.6): CSI, then strings such as OSC and DCS up to their terminator, then the short ones.
const SEQUENCE = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`,
    String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?`,
    String.raw`\x1b[ -/]*[0-~]`,
  ].join('|'),
  'g',
);

const HALF = /[\ud800-\udbff]$/;

/**
 * Text from a server as people may read it: escape sequences, control, zero-width and bidirectional characters are gone,
 * and it is at most `longest` characters.
 */
export function plainText(text: string, longest = 2000): string {
  const clean = text
    .slice(0, longest * 4)
    .replace(SEQUENCE, '')
    .replace(/[\t\r\n]+/g, ' ')
    .replace(UNSAFE, '');
  return clean.length > longest ? `${clean.slice(0, longest - 1).replace(HALF, '')}…` : clean;
}
