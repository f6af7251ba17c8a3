import { DisconnectError } from '@slipline/core';
import type { Database } from './driver.ts';

/** `SLIP`: says in the file's header whose it is. */
const APPLICATION = 0x534c4950;

/** One step for each version; a step that was published is never changed. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  INSERT INTO facts VALUES ('id', lower(hex(randomblob(8)))), ('fingerprint-key', randomblob(32));

  CREATE TABLE operations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry TEXT,
    before TEXT,
    kind TEXT NOT NULL,
    provider TEXT NOT NULL,
    intent TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    result TEXT
  );
  CREATE INDEX operations_by_time ON operations (started_at);

  CREATE TABLE entries (
    key TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('opening', 'open', 'closing', 'ended', 'unknown')),
    is_default INTEGER NOT NULL,
    ref TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    session TEXT NOT NULL,
    sealed BLOB,
    opener TEXT NOT NULL,
    connect INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX entries_by_number ON entries (provider, number) WHERE state <> 'ended';
  CREATE UNIQUE INDEX entries_by_default ON entries (provider) WHERE is_default = 1;
  CREATE INDEX entries_by_ref ON entries (ref);
  CREATE INDEX entries_by_end ON entries (changed_at) WHERE state = 'ended';

  -- Key files that must go: at once, or when what should have needed them was not written by then.
  CREATE TABLE doomed_keys (key TEXT PRIMARY KEY, after INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    place TEXT NOT NULL,
    user_name TEXT NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (place, user_name)
  );

  CREATE TABLE trust (host TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID;
  `,
  `
  -- \`partial\`: its connect is still under way. The owner is the opener where it is not named.
  ALTER TABLE entries ADD COLUMN scope TEXT NOT NULL DEFAULT 'user' CHECK (scope IN ('user', 'process'));
  ALTER TABLE entries ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE entries ADD COLUMN owner TEXT;
  -- What was begun, and by whom while that is being done.
  ALTER TABLE entries ADD COLUMN effect TEXT;
  ALTER TABLE entries ADD COLUMN closer TEXT;
  CREATE INDEX entries_of_processes ON entries (scope) WHERE scope = 'process' AND state <> 'ended';
  CREATE INDEX entries_in_doubt ON entries (state)
    WHERE state IN ('opening', 'closing', 'unknown') OR (state = 'open' AND partial = 1);
  `,
];

export const VERSION = MIGRATIONS.length;

/**
 * Makes an empty database a ledger, and an older ledger one of this version. Throws, and changes nothing, where the file
 * is something else or was written by a newer version.
 */
export function prepareSchema(
  database: Database,
  file: string,
  transaction: (work: () => void) => void,
): void {
  if (version(database, file) === VERSION) return;
  const mode = database.prepare('PRAGMA journal_mode = WAL').get();
  if (mode?.['journal_mode'] !== 'wal') throw noSharedMemory(file);
  transaction(() => {
    // Another process may have been quicker.
    for (const step of MIGRATIONS.slice(version(database, file))) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION}`);
  });
}

/** 0 for an empty database. */
function version(database: Database, file: string): number {
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  const found = pragma('user_version');
  if (pragma('application_id') === APPLICATION) {
    if (found > VERSION) throw newerLedger(file, found);
    return found;
  }
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() ?? {};
  if (found !== 0 || tables !== 0) throw notLedger(file);
  return 0;
}

/** Also thrown when a newer Slipline changes the file while this process has it open. */
export function newerLedger(file: string, found: number): DisconnectError {
  return new DisconnectError(
    'unsupported',
    `the ledger ${file} was written by a newer Slipline (version ${found} of its form; this one knows ${VERSION})`,
    { next: 'use the newer Slipline, or set SLIPLINE_HOME to another folder' },
  );
}

function notLedger(file: string): DisconnectError {
  return new DisconnectError('invalid-request', `${file} is a database, but not a ledger of Slipline`, {
    next: 'move it away, or set SLIPLINE_HOME to another folder',
  });
}

function noSharedMemory(file: string): DisconnectError {
  return new DisconnectError(
    'invalid-request',
    `the file system of ${file} cannot share a database between processes`,
    {
      next: 'set SLIPLINE_HOME to a folder on a local disk',
    },
  );
}
