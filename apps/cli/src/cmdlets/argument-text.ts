/** `'it''s'` and `"say ""no"""` with what may follow them in a list. */
const QUOTED = /^(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)")\s*(?:,|$)/;

/**
 * The elements of an argument as PowerShell reads it: separated by commas, each of them quoted or not. Quotes that do not
 * enclose an element are part of it.
 */
export function elementsOf(text: string): readonly string[] {
  const elements: string[] = [];
  for (let rest = unwrapped(text).trim(); rest !== ''; rest = rest.trimStart()) {
    const quoted = QUOTED.exec(rest);
    if (quoted === null) {
      const comma = rest.indexOf(',');
      const end = comma === -1 ? rest.length : comma;
      const element = rest.slice(0, end).trim();
      if (element !== '') elements.push(element);
      rest = rest.slice(end + 1);
    } else {
      elements.push(insideOf(quoted));
      rest = rest.slice(quoted[0].length);
    }
  }
  return elements;
}

/** The text of an argument that is one value: commas are part of it. */
export function textOf(text: string): string {
  const quoted = QUOTED.exec(text);
  return quoted?.[0].length === text.length && !text.endsWith(',') ? insideOf(quoted) : text;
}

/** `$true` and its like; `undefined` for what is no truth value. */
export function truthOf(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case '$true':
    case 'true':
    case '1':
      return true;
    case '$false':
    case 'false':
    case '0':
      return false;
    default:
      return undefined;
  }
}

/** Without the `@(…)` of an array expression. */
function unwrapped(text: string): string {
  return /^@\(.*\)$/s.test(text) ? text.slice(2, -1) : text;
}

function insideOf([, single, double]: RegExpExecArray): string {
  return single === undefined ? (double ?? '').replaceAll('""', '"') : single.replaceAll("''", "'");
}
