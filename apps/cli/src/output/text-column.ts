import type { JsonObject } from '@slipline/core';
import type { Column } from './output.ts';

/** A column that shows one text of each row; empty where a row has none. */
export function textColumn(heading: string, name: string, rank?: number): Column {
  return { heading, value: (row) => textOf(row, name), rank };
}

export function textOf(row: JsonObject, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

/** A list of texts, as one. */
export function listOf(row: JsonObject, name: string): string {
  const value = row[name];
  return Array.isArray(value) ? value.map(String).join(', ') : '';
}
