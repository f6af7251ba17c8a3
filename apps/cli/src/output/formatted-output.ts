import { DisconnectError, plainText, type JsonObject, type JsonValue } from '@slipline/core';
import type { Format } from '@slipline/config';
import { jsonText } from './json-text.ts';
import { csvText } from './output-csv.ts';
import { tableText } from './output-table.ts';
import type { Query } from './output-query.ts';
import { elementText, listText } from './output-list.ts';
import type { Column, Output, Records } from './output.ts';
import { isTerminal, type Style } from './style.ts';
import type { Sink } from './sink.ts';

export interface OutputParts {
  readonly format: Format;
  readonly stdout: Sink;
  readonly style: Style;
  readonly query?: Query | undefined;
  /** Called before something is printed, so that what is on the terminal's last line can be taken off. */
  readonly before?: (() => void) | undefined;
}

/** What PowerShell shows as a table unless told otherwise. */
const MOST_COLUMNS = 4;

/** Prints on stdout. What the reader no longer wants to read (`| head`) is dropped in silence; the command goes on. */
export class FormattedOutput implements Output {
  readonly #parts: OutputParts;

  constructor(parts: OutputParts) {
    this.#parts = parts;
  }

  get isTerminal(): boolean {
    return isTerminal(this.#parts.stdout);
  }

  list(rows: readonly JsonObject[], columns: readonly Column[], records?: Records): Promise<void> {
    return this.#print(rows, () => this.#table(rows, columns), columns, records);
  }

  lines(
    rows: readonly JsonObject[],
    columns: readonly Column[],
    sentence: (row: JsonObject) => string,
    records?: Records,
  ): Promise<void> {
    const cells = (row: JsonObject): JsonObject =>
      Object.fromEntries(columns.map(({ heading, value }) => [heading, value(row)]));
    return this.#print(
      rows,
      async () => rows.map((row) => `${plainText(sentence(row))}\n${below(records?.(row))}`).join(''),
      columns,
      (row) => records?.(row) ?? cells(row),
    );
  }

  one(value: JsonObject, text: string): Promise<void> {
    return this.#print(value, async () => (text === '' ? '' : `${text}\n`));
  }

  objects(values: readonly JsonValue[]): Promise<void> {
    const rows = values.filter(isObject);
    const columns = columnsOf(rows);
    const isTable = columns.length <= MOST_COLUMNS;
    return this.#print(
      values,
      async () => {
        if (rows.length < values.length)
          return values.map((value) => `${plainText(elementText(value))}\n`).join('');
        return isTable ? this.#table(rows, columns) : listText(rows);
      },
      rows.length < values.length ? undefined : columns,
    );
  }

  raw(text: string): Promise<void> {
    return this.#write(text);
  }

  async #print(
    value: JsonValue,
    forPeople: () => Promise<string>,
    columns?: readonly Column[],
    records: Records = () => undefined,
  ): Promise<void> {
    const { format, query } = this.#parts;
    if (query !== undefined) return this.#write(await this.#printed(query(value)));
    if (format === 'none') return;
    if (format === 'list') {
      const rows = listOf(value).filter(isObject);
      return this.#write(listText(rows.map((row) => records(row) ?? row)));
    }
    if (format === 'table') return this.#write(await forPeople());
    if (format === 'csv' && columns !== undefined) {
      const cells = (value as readonly JsonObject[]).map((row) => columns.map((column) => column.value(row)));
      return this.#write(
        csvText(
          columns.map(({ heading }) => heading.toLowerCase()),
          cells,
        ),
      );
    }
    return this.#write(await this.#printed(value));
  }

  /** Data of any form, as a query may leave it. */
  async #printed(value: JsonValue): Promise<string> {
    const { format } = this.#parts;
    switch (format) {
      case 'none':
        return '';
      case 'json':
        return `${jsonText(value, 2)}\n`;
      case 'jsonl':
        return listOf(value)
          .map((one) => `${jsonText(one)}\n`)
          .join('');
      case 'table':
      case 'list':
      case 'csv':
        return this.#loose(format, listOf(value));
      default:
        return format satisfies never;
    }
  }

  async #loose(format: 'table' | 'list' | 'csv', values: readonly JsonValue[]): Promise<string> {
    const rows = values.filter(isObject);
    if (rows.length < values.length || rows.length === 0)
      return values.map((value) => `${plainText(scalarText(value))}\n`).join('');
    if (format === 'list') return listText(rows);
    const columns = columnsOf(rows);
    if (format === 'table') return this.#table(rows, columns);
    return csvText(
      columns.map(({ heading }) => heading),
      rows.map((row) => columns.map(({ value }) => value(row))),
    );
  }

  #table(rows: readonly JsonObject[], columns: readonly Column[]): Promise<string> {
    if (rows.length === 0) return Promise.resolve('');
    const { stdout, style } = this.#parts;
    const width = isTerminal(stdout) && 'columns' in stdout ? Number(stdout.columns) || undefined : undefined;
    const texts = columns.map(({ heading, value, people = value, rank = 0 }) => ({
      heading: plainText(heading).toUpperCase(),
      cells: rows.map((row) => people(row)),
      rank,
    }));
    return tableText(texts, width, style.strong);
  }

  #write(text: string): Promise<void> {
    if (text === '') return Promise.resolve();
    this.#parts.before?.();
    return new Promise((resolve, reject) => {
      this.#parts.stdout.write(text, (error?: NodeJS.ErrnoException | null) => {
        if (!error || error.code === 'EPIPE') resolve();
        else reject(unwritable(error));
      });
    });
  }
}

function unwritable(cause: Error): DisconnectError {
  return new DisconnectError('internal', `stdout cannot be written: ${cause.message}`, {
    cause,
    next: 'slipline history tells what was done',
  });
}

/** The value as JSON carries it: errors by their `toJSON`, nothing undefined. */
export function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** A record under the sentence it belongs to. */
function below(record: JsonObject | undefined): string {
  return record === undefined ? '' : `\n${listText([record])}\n`;
}

function columnsOf(rows: readonly JsonObject[]): readonly Column[] {
  return [...new Set(rows.flatMap(Object.keys))].map((name) => ({
    heading: name,
    value: (row: JsonObject) => scalarText(row[name] ?? null),
  }));
}

function listOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value as readonly JsonValue[];
  return value === null ? [] : [value];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalarText(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? jsonText(value) : String(value);
}
