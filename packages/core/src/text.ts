// C0 and C1 controls (tab and line feed among them), zero-width and bidirectional characters, line separators.
// eslint-disable-next-line no-control-regex -- these are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
// eslint-disable-next-line no-control-regex -- an escape sequence begins with ESC or its C1 twin
const SEQUENCE =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

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
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}
