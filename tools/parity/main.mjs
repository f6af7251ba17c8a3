#!/usr/bin/env node
// Writes docs/parity.md: how Slipline answers to everything that the cmdlets it replaces document.
//
// A provider keeps its rows in `packages/<id>/parity.json`:
//
//   { "seed": "Disconnect-HPOVMgmt",          the cmdlet
//     "versions": ["5.00", "4.20", "4.10"],   of the cmdlet's module that were compared
//     "rows": [{
//       "kind": "parameter",                  or set, alias, default, input, output, example, error, superset
//       "seed": "…",                          what the cmdlet's help or code says, in our words; a superset has none
//       "versions": ["4.10"],                 where it does not hold for all of them
//       "slipline": "…",                      how Slipline answers
//       "differs": "…",                       why it differs, where it does so on purpose
//       "test": "packages/hpe-oneview/src/x.test.ts > describe > test" }] }
//
//   node tools/parity/main.mjs                 writes the page
//   node tools/parity/main.mjs --check         says what is wrong, and whether the page is out of date; exits 1 then
//   node tools/parity/main.mjs --check --ran   also wants each named test to have passed in the test run just before
import { resolve } from 'node:path';
import { parity } from './src/parity.mjs';

const OPTIONS = ['--check', '--ran'];

const options = process.argv.slice(2);
const unknown = options.filter((option) => !OPTIONS.includes(option));
const problems =
  unknown.length > 0
    ? [`No option ${unknown.join(', ')}. There are: ${OPTIONS.join(', ')}.`]
    : await parity(resolve(import.meta.dirname, '../..'), {
        isCheck: options.includes('--check'),
        hasRun: options.includes('--ran'),
      });
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
