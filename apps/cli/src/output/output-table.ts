import { plainText } from '@slipline/core';

const GAP = '  ';
const NARROWEST = 8;

/** One column of text. Those of the highest `rank` are left out first where the terminal is too narrow. */
export interface TextColumn {
  readonly heading: string;
  readonly cells: readonly string[];
  readonly rank: number;
}

/** Aligned columns. With `width`, they fit into so many columns of the terminal: dropped by rank, then cut. */
export async function tableText(
  columns: readonly TextColumn[],
  width: number | undefined,
  heading: (text: string) => string,
): Promise<string> {
  const plain = columns.map((column) => ({ ...column, cells: column.cells.map((cell) => plainText(cell)) }));
  const measure = await measureFor(plain.flatMap(({ cells }) => cells));
  const sized = plain.map((column) => ({
    ...column,
    size: Math.max(...[column.heading, ...column.cells].map(measure)),
  }));
  const shown = width === undefined ? sized : fitted(sized, width);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, place) => {
        const size = shown[place]?.size ?? 0;
        const cut = shorten(text, size, measure);
        return place === texts.length - 1 ? cut : cut + ' '.repeat(size - measure(cut));
      })
      .join(GAP)
      .trimEnd();
  const count = Math.max(0, ...shown.map(({ cells }) => cells.length));
  const rows = Array.from({ length: count }, (_, place) =>
    line(shown.map(({ cells }) => cells[place] ?? '')),
  );
  return [heading(line(shown.map((column) => column.heading))), ...rows].map((text) => `${text}\n`).join('');
}

interface SizedColumn extends TextColumn {
  readonly size: number;
}

function fitted(columns: readonly SizedColumn[], width: number): readonly SizedColumn[] {
  const total = (list: readonly SizedColumn[]): number =>
    list.reduce((sum, { size }) => sum + size, (list.length - 1) * GAP.length);
  const ranks = [...new Set(columns.map(({ rank }) => rank).filter((rank) => rank > 0))].sort(
    (a, b) => b - a,
  );
  let kept = columns;
  for (const rank of ranks) {
    if (total(kept) <= width) break;
    kept = kept.filter((column) => column.rank !== rank);
  }
  for (let excess = total(kept) - width; excess > 0; excess = total(kept) - width) {
    const widest = Math.max(...kept.map(({ size }) => size));
    if (widest <= NARROWEST) break;
    const size = Math.max(NARROWEST, widest - excess);
    const place = kept.findIndex((column) => column.size === widest);
    kept = kept.map((column, index) => (index === place ? { ...column, size } : column));
  }
  return kept;
}

type Measure = (text: string) => number;

/** How many columns of a terminal a text takes; the library that knows is loaded only where a text is not ASCII. */
async function measureFor(texts: readonly string[]): Promise<Measure> {
  if (texts.every((text) => /^[\x20-\x7e]*$/.test(text))) return (text) => text.length;
  return (await import('string-width')).default;
}

function shorten(text: string, size: number, measure: Measure): string {
  if (measure(text) <= size) return text;
  const kept = [...text];
  while (kept.length > 0 && measure(kept.join('')) > size - 1) kept.pop();
  return `${kept.join('')}…`;
}
