/** One word of a cmdlet's command line. */
export type Token =
  | { readonly kind: 'argument'; readonly text: string }
  | {
      readonly kind: 'parameter';
      /** As it was typed, dash and all. */
      readonly spelled: string;
      readonly name: string;
      /** What stands behind the colon; empty where nothing does, absent without a colon. */
      readonly attached?: string | undefined;
    };

// PowerShell takes the dashes that word processors make for one as well. What begins with a digit is a negative number.
const PARAMETER = /^([-\u2013\u2014\u2015]{1,2}([A-Za-z_?][^:\s]*))(?::(.*))?$/s;

/** Words as PowerShell tells them apart (about_Parsing); behind `--` everything is an argument. */
export function tokens(words: readonly string[]): readonly Token[] {
  const end = words.indexOf('--');
  const before = end === -1 ? words : words.slice(0, end);
  const after = end === -1 ? [] : words.slice(end + 1);
  return [...before.map(tokenOf), ...after.map((text): Token => ({ kind: 'argument', text }))];
}

function tokenOf(text: string): Token {
  const [, spelled, name, attached] = PARAMETER.exec(text) ?? [];
  if (spelled === undefined || name === undefined) return { kind: 'argument', text };
  return { kind: 'parameter', spelled, name, ...(attached !== undefined && { attached }) };
}
