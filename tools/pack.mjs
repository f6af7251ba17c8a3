#!/usr/bin/env node
// node tools/pack.mjs [folder]: builds, bundles and packs what is published; prints the tarballs' paths by name as JSON.
import { pack } from './tasks/src/pack.mjs';

process.stdout.write(`${JSON.stringify(await pack(process.argv[2]), null, 2)}\n`);
