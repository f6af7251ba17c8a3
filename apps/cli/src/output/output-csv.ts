import { plainText } from '@slipline/core';

/** CSV (RFC 4180, lines end in LF) that spreadsheets read as text: what looks like a formula gets an apostrophe in front. */
export function csvText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\n`).join('');
}

function csvCell(text: string): string {
  const cell = /^[=+\-@\t\r]/.test(text) ? `'${plainText(text)}` : plainText(text);
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
