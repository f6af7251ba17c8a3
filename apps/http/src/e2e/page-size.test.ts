import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';

const PAGE = join(import.meta.dirname, '../../page');

/** What a browser fetches for the page to stand. */
function fetched(folder = PAGE): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name));
}

it('is at most 150 kB compressed, all of it', () => {
  const sizes = fetched().map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(150_000);
});

it('has no script or style inside the document, and nothing from elsewhere', () => {
  const document = readFileSync(join(PAGE, 'index.html'), 'utf8');
  expect(document).not.toMatch(/<style|\sstyle=|\son\w+=/);
  expect(document).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)/);
  expect(document).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
});

it('passes on the licence of what is built into it', () => {
  expect(readFileSync(join(PAGE, 'THIRD-PARTY-NOTICES.md'), 'utf8')).toMatch(/preact/);
});
