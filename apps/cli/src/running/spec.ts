import { usage } from '../arguments/usage.ts';

/** What `--with` names: a session that is there, or how one is opened. */
export interface Spec {
  /** In front of the variables it puts into the environment, where several would have the same names. */
  readonly prefix: string;
  readonly words: readonly string[];
  /** It is somebody else's to end. */
  readonly isBorrowed: boolean;
}

const NAMED = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;
const SESSION = /^[a-z][a-z0-9-]*:.+$/s;

/** Reads `hpe-oneview:1`, `hpe-oneview ov1.example --user-name NAME`, and either behind `NAME=`. */
export function parseSpec(text: string): Spec {
  const [, name, rest = text] = NAMED.exec(text) ?? [];
  const words = wordsOf(rest);
  const [first, ...others] = words;
  if (first === undefined) throw usage('--with is empty', 'slipline help run');
  const isBorrowed = SESSION.test(first);
  if (isBorrowed && others.length > 0)
    throw usage(
      `${first.slice(0, 80)} is a session that is open already: nothing follows it`,
      `--with ${first}`,
    );
  const stdin = others.find((word) => /^--[a-z-]+-stdin$/.test(word));
  if (stdin !== undefined) {
    const other = stdin.replace(/-stdin$/, '');
    throw usage(
      `${stdin} cannot be used here: stdin is the command's`,
      `use ${other}-file FILE or ${other}-env VARIABLE`,
    );
  }
  return { prefix: name === undefined ? '' : `${name}_`, words, isBorrowed };
}

/** The words of a line, as a POSIX shell splits them, where nothing is expanded. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [part] of line.matchAll(/\s+|'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\]+|./gs)) {
    if (/^\s/.test(part)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + literal(part, line);
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function literal(part: string, line: string): string {
  if (part === "'" || part === '"' || part === '\\')
    throw usage(
      `--with "${line.slice(0, 80)}": a quote is not closed`,
      'write --with "PROVIDER NAME --flag value"',
    );
  if (part.startsWith("'")) return part.slice(1, -1);
  if (part.startsWith('"')) return part.slice(1, -1).replace(/\\(["\\$`])/g, '$1');
  return part.startsWith('\\') ? part.slice(1) : part;
}
