#!/usr/bin/env node
// Says where packages differ from what packages of their kind look like. Exits 1 when one does.
import { resolve } from 'node:path';
import { checkWorkspace } from './src/check.mjs';

const problems = checkWorkspace(resolve(import.meta.dirname, '../..'));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
