// C1 controls, zero-width and bidirectional characters, line separators: harmless to programs, not to terminals.
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** JSON whose text no terminal can mistake for commands: what JSON itself does not escape is escaped here. */
export function jsonText(value: unknown, indent = 0): string {
  return (JSON.stringify(value, undefined, indent) ?? 'null').replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
