import type { JsonObject } from '@slipline/core';

/** Columns of a table or a CSV file: heading, and where the value is found. */
export interface Column {
  readonly heading: string;
  readonly value: (row: JsonObject) => string;
}

/** Prints data on stdout in the format that was asked for, after `--query`. */
export interface Output {
  /** A list: a table, one JSON array, one JSON object a line, or CSV. */
  list(rows: readonly JsonObject[], columns: readonly Column[]): Promise<void>;
  /** One thing: its text for people, or the object itself in JSON. */
  one(value: JsonObject, text: string): Promise<void>;
}
