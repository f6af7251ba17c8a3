import type { JsonObject } from '@slipline/core';

/** Columns of a table or a CSV file: heading, and where the value is found. */
export interface Column {
  readonly heading: string;
  readonly value: (row: JsonObject) => string;
  /** What people read instead in a table, such as an age instead of a time. */
  readonly people?: ((row: JsonObject) => string) | undefined;
  /** Left out of a table that is too wide, the highest first; always there when absent. */
  readonly rank?: number | undefined;
}

/** Prints data on stdout in the format that was asked for, after `--query`. */
export interface Output {
  /** A person reads stdout, over shoulders perhaps. */
  readonly isTerminal: boolean;
  /** A list: a table, one JSON array, one JSON object a line, or CSV. */
  list(rows: readonly JsonObject[], columns: readonly Column[]): Promise<void>;
  /** A list that people read as sentences instead of as a table. */
  lines(
    rows: readonly JsonObject[],
    columns: readonly Column[],
    sentence: (row: JsonObject) => string,
  ): Promise<void>;
  /** One thing: its text for people, or the object itself in JSON. */
  one(value: JsonObject, text: string): Promise<void>;
  /** This very text, whatever the format. */
  raw(text: string): Promise<void>;
}
