import { createRequire } from 'node:module';
import { DisconnectError } from '@slipline/core';

export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

/** A prepared statement. Parameters go by place. */
export interface Statement {
  /** The row id of what was inserted. */
  run(...values: readonly Value[]): number;
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): readonly Row[];
}

/** The little of SQLite that a ledger needs; every call blocks. Errors are the driver's own, see `sqliteCode`. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** What the drivers have in common; one takes values one by one, the other as a list. */
interface Driver<Values extends readonly unknown[]> {
  exec(sql: string): unknown;
  prepare(sql: string): {
    run(...values: Values): { readonly lastInsertRowid: number | bigint };
    get(...values: Values): unknown;
    all(...values: Values): unknown[];
  };
  close(): unknown;
}

type NodeDriver = Driver<readonly Value[]>;
type LibsqlDriver = Driver<readonly [readonly Value[]]>;

/** Node's own SQLite where it has it without a flag (22.13 and later), else libsql. Creates an empty file if there is none. */
export function openDatabase(file: string): Database {
  const sqlite = builtinSqlite();
  return sqlite === undefined ? libsqlDatabase(file) : nodeDatabase(new sqlite.DatabaseSync(file));
}

function nodeDatabase(database: NodeDriver): Database {
  return {
    exec: (sql) => void database.exec(sql),
    close: () => void database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        run: (...values) => Number(statement.run(...values).lastInsertRowid),
        get: (...values) => statement.get(...values) as Row | undefined,
        // A list of this realm, also where the code runs in a VM context.
        all: (...values) => [...statement.all(...values)] as Row[],
      };
    },
  };
}

function libsqlDatabase(file: string): Database {
  const database = new (loadLibsql())(file);
  return {
    exec: (sql) => void database.exec(sql),
    close: () => void database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      // Values go in a list: libsql takes a lone object for named ones.
      return {
        run: (...values) => Number(statement.run(values).lastInsertRowid),
        get: (...values) => statement.get(values) as Row | undefined,
        all: (...values) => statement.all(values) as Row[],
      };
    },
  };
}

interface Sqlite {
  readonly DatabaseSync: new (file: string) => NodeDriver;
}

function builtinSqlite(): Sqlite | undefined {
  // Loading it warns that it is experimental; that says nothing to people who run an app.
  const warn = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: never[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning, ...rest);
  };
  try {
    return process.getBuiltinModule('node:sqlite') as unknown as Sqlite | undefined;
  } finally {
    if (warn !== undefined) Object.defineProperty(process, 'emitWarning', warn);
  }
}

function loadLibsql(): new (file: string) => LibsqlDriver {
  // Not import(): a bundler would follow it into files that find their binary beside themselves.
  const load = createRequire(import.meta.url);
  try {
    return load('libsql') as new (file: string) => LibsqlDriver;
  } catch (cause) {
    throw new DisconnectError(
      'unsupported',
      `Node ${process.version} has no SQLite, and libsql cannot be loaded`,
      {
        cause,
        next: 'use Node 22.13 or later, or install again with optional dependencies: npm install libsql',
      },
    );
  }
}

/** SQLite's result code (https://www.sqlite.org/rescode.html) of an error that a driver threw, without its extension. */
export function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { errcode, rawCode } = error as { readonly errcode?: unknown; readonly rawCode?: unknown };
  const code = errcode ?? rawCode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
