import { plainText, type JsonObject, type JsonValue } from '@slipline/core';
import { jsonText } from './json-text.ts';

/** What PowerShell shows of a collection: `$FormatEnumerationLimit`. */
const MOST_ELEMENTS = 4;

/** Objects property by property, a line each and an empty line between two, as PowerShell's `Format-List` shows them. */
export function listText(objects: readonly JsonObject[]): string {
  return objects.map(blockOf).join('\n');
}

function blockOf(object: JsonObject): string {
  const width = Math.max(0, ...Object.keys(object).map((name) => plainText(name).length));
  return Object.entries(object)
    .map(
      ([name, value]) =>
        `${`${plainText(name).padEnd(width)} : ${plainText(elementText(value))}`.trimEnd()}\n`,
    )
    .join('');
}

/** One value, as `Format-List` shows it. */
export function elementText(value: JsonValue): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `{${elements(value).join(', ')}}`;
  return typeof value === 'object' ? jsonText(value) : String(value);
}

function elements(values: readonly JsonValue[]): readonly string[] {
  const shown = values.slice(0, MOST_ELEMENTS).map(elementText);
  return values.length > MOST_ELEMENTS ? [...shown.slice(0, -1), `${shown.at(-1)}…`] : shown;
}
