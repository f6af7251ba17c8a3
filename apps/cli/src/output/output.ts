import type { JsonObject, JsonValue } from '@slipline/core';

/** Columns of a table or a CSV file: heading, and where the value is found. */
export interface Column {
  readonly heading: string;
  readonly value: (row: JsonObject) => string;
  /** What people read instead in a table, such as an age instead of a time. */
  readonly people?: ((row: JsonObject) => string) | undefined;
  /** Left out of a table that is too wide, the highest first; always there when absent. */
  readonly rank?: number | undefined;
}

/** The properties of a row that `-o list` prints instead of the row's own, under the names of the system's cmdlet. */
export type Records = (row: JsonObject) => JsonObject | undefined;

/** Prints data on stdout in the format that was asked for, after `--query`. */
export interface Output {
  /** A person reads stdout, over shoulders perhaps. */
  readonly isTerminal: boolean;
  /** A list: a table, properties line by line, one JSON array, one JSON object a line, or CSV. */
  list(rows: readonly JsonObject[], columns: readonly Column[], records?: Records): Promise<void>;
  /** A list that people read as sentences instead of as a table, each with its record below it. */
  lines(
    rows: readonly JsonObject[],
    columns: readonly Column[],
    sentence: (row: JsonObject) => string,
    records?: Records,
  ): Promise<void>;
  /** One thing: its text for people, or the object itself in JSON. */
  one(value: JsonObject, text: string): Promise<void>;
  /** Values as PowerShell prints them: objects of more than four properties line by line, others as a table. */
  objects(values: readonly JsonValue[]): Promise<void>;
  /** This very text, whatever the format. */
  raw(text: string): Promise<void>;
}
