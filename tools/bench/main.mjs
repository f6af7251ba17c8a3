#!/usr/bin/env node
// npm run bench -- [figure…] [--json FILE]
//
// Measures the figures that are promised, each beside a baseline of the same run, prints a table and writes the numbers as JSON.
// Exits 1 only where a figure misses its target by more than half: a busy machine is no reason to fail.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FIGURES } from './src/figures.mjs';
import { Installation } from './src/installation.mjs';
import { machine } from './src/machine.mjs';
import { parseOptions } from './src/options.mjs';
import { hasFailed, table } from './src/report.mjs';

async function main(args) {
  const { names, json, problem } = parseOptions(args, Object.keys(FIGURES));
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  const installation = new Installation();
  const rows = [];
  try {
    for (const name of names) {
      console.error(`measuring ${name} …`);
      rows.push(...(await FIGURES[name](installation)));
    }
  } finally {
    installation.remove();
  }
  console.log(table(rows));
  const file = resolve(
    json ?? join(import.meta.dirname, '../../node_modules/.cache/slipline-bench/results.json'),
  );
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...machine(), rows }, null, 2)}\n`);
  console.log(`\nAll numbers: ${file}`);
  return rows.some(hasFailed) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
