import type { Style } from '../output/style.ts';

const WIDTH = 100;

export type Section = readonly [title: string, lines: readonly string[]];

/** Titles with what stands below them; those with nothing below are left out. */
export function sections(style: Style, list: readonly Section[]): string {
  return list
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [...(title === '' ? [] : [style.strong(title)]), ...lines].join('\n'))
    .join('\n\n');
}

/** Terms and what they mean, in two columns; a long term has its meaning below it. */
export function rows(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const column = Math.min(34, Math.max(0, ...pairs.map(([term]) => term.length)) + 2);
  const indent = ' '.repeat(column);
  return pairs.flatMap(([term, meaning]) => {
    const [first = '', ...others] = wrapped(meaning, WIDTH - column);
    const below = others.map((line) => indent + line);
    return term.length > column - 2
      ? [term, indent + first, ...below]
      : [term.padEnd(column) + first, ...below];
  });
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
