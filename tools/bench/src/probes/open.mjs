// node open.mjs ledger|bare: prints how many milliseconds it takes to open the ledger of SLIPLINE_HOME, or its file as a bare database,
// and to look into it.
import { join } from 'node:path';
import { openLedger } from '@slipline/ledger';
import { openSqlite } from './sqlite.mjs';

const file = join(process.env.SLIPLINE_HOME, 'state/ledger.db');

const ways = {
  ledger: async () => {
    await openLedger();
  },
  bare: async () => {
    const database = openSqlite(file);
    database.prepare('PRAGMA user_version').all();
  },
};

const start = performance.now();
await ways[process.argv[2]]();
console.log(performance.now() - start);
