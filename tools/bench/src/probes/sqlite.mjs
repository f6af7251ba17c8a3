// The SQLite that the ledger would take, without a ledger around it.
import { createRequire } from 'node:module';

/** Opens a database: `exec(sql)`, `prepare(sql)` with `run` and `all` that take a list of values, `close()`. */
export function openSqlite(file) {
  const sqlite = process.getBuiltinModule('node:sqlite');
  if (sqlite === undefined) {
    // As CommonJS, since that loads faster.
    const Database = createRequire(import.meta.url)('libsql');
    return new Database(file);
  }
  const database = new sqlite.DatabaseSync(file);
  return {
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return { run: (values) => statement.run(...values), all: (values = []) => statement.all(...values) };
    },
  };
}
