// node ledger.mjs COUNT: writes COUNT open sessions into the ledger of SLIPLINE_HOME, lists them, does the like with a bare database
// beside it, and prints median milliseconds: `open` (writing ahead), `append` (sealing), `insert`, `sync`, `list`, `select`.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '@slipline/ledger';
import { openedAt, writeAhead } from './session.mjs';
import { openSqlite } from './sqlite.mjs';

const count = Number(process.argv[2]);
const home = process.env.SLIPLINE_HOME;
const LISTINGS = 9;

const ledger = await openLedger({ onNotice: () => undefined });
const opens = [];
const appends = [];
for (let place = 1; place <= count; place += 1) {
  const opened = openedAt(place);
  const key = await timed(opens, () => writeAhead(ledger, opened));
  await timed(appends, () => ledger.opened(key, opened));
}
const lists = [];
let entries;
for (let time = 0; time < LISTINGS; time += 1) entries = await timed(lists, () => ledger.entries());
if (entries.length !== count) throw new Error(`${entries.length} of ${count} entries are listed.`);

const database = openSqlite(join(home, 'bare.db'));
database.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE entries (id INTEGER PRIMARY KEY, entry TEXT)',
);
const insert = database.prepare('INSERT INTO entries (entry) VALUES (?)');
const texts = entries.map((entry) => JSON.stringify(entry));
const inserts = [];
// A thousand tell enough of what is durable; the rest is there to be listed.
for (const text of texts.slice(0, 1000)) await timed(inserts, () => insert.run([text]));
database.exec('BEGIN');
for (const text of texts.slice(1000)) insert.run([text]);
database.exec('COMMIT');
const selects = [];
const select = database.prepare('SELECT entry FROM entries');
for (let time = 0; time < LISTINGS; time += 1)
  await timed(selects, () => select.all().map(({ entry }) => JSON.parse(entry)));
database.close();

const syncs = [];
const descriptor = openSync(join(home, 'bare.txt'), 'w');
for (const text of texts.slice(0, 200)) {
  writeSync(descriptor, text);
  await timed(syncs, () => fsyncSync(descriptor));
}
closeSync(descriptor);
await ledger[Symbol.asyncDispose]();

const times = { open: opens, append: appends, insert: inserts, sync: syncs, list: lists, select: selects };
console.log(
  JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, list]) => [name, middle(list)]))),
);

async function timed(times, work) {
  const start = performance.now();
  const result = await work();
  times.push(performance.now() - start);
  return result;
}

function middle(numbers) {
  return numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
}
