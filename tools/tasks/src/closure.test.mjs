import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { staticClosure } from './closure.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'closure-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('follows what is imported at once, in every spelling, and nothing else', () => {
  const files = {
    'index.js':
      'const require=1;\nimport{a}from"./a.js";import"./b.js";export*from"./c.js";const later=()=>import("./later.js");',
    'a.js': 'import "./index.js";\nimport {\n  d,\n} from \'./d.js\';',
    'b.js': 'import{inject}from"tsyringe";',
    'c.js': '',
    'd.js': '',
    'later.js': '',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const loaded = [...staticClosure(join(folder, 'index.js')).keys()].map((path) =>
    path.slice(folder.length + 1),
  );
  expect(loaded.sort()).toEqual(['a.js', 'b.js', 'c.js', 'd.js', 'index.js']);
});
