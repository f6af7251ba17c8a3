// The SQLite that the ledger would take, without a ledger around it.

/** Opens a database: `exec(sql)`, `prepare(sql)` with `run` and `all` that take a list of values, `close()`. */
export async function openSqlite(file) {
  const sqlite = process.getBuiltinModule('node:sqlite');
  if (sqlite === undefined) {
    const { default: Database } = await import('libsql');
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
