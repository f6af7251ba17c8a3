// The page: one chapter for each provider, one table for each kind of row.
import { split } from './evidence.mjs';
import { KINDS } from './shape.mjs';

const INTRODUCTION = `<!-- Made by tools/parity from packages/*/parity.json: change it there, then run node tools/parity/main.mjs. -->

# Parity with the cmdlets

How each provider answers to what the cmdlet it replaces documents and does, where it differs on purpose and why. Every row
names the test that proves it. Where a row names versions, it holds for those of the cmdlet's module only.`;

/** The text of docs/parity.md, before formatting. */
export function page(providers) {
  return [INTRODUCTION, overview(providers), ...providers.map(chapter)].join('\n\n');
}

function overview(providers) {
  const rows = providers.map(({ id, seed, versions, rows }) => {
    const beyond = rows.filter(({ kind }) => kind === 'superset').length;
    const different = rows.filter(({ differs }) => differs !== undefined).length;
    const alike = rows.length - beyond - different;
    return [`[${id}](#${id})`, code(seed), versions.join(', '), alike, different, beyond];
  });
  return table(['Provider', 'Cmdlet', 'Versions', 'The same', 'Different on purpose', 'Beyond'], rows);
}

function chapter({ id, seed, rows }) {
  const sections = Object.entries(KINDS).flatMap(([kind, heading]) => {
    const own = rows.filter((row) => row.kind === kind);
    return own.length === 0 ? [] : [`### ${heading}\n\n${section(kind, seed, own)}`];
  });
  return [`## ${id}`, ...sections].join('\n\n');
}

function section(kind, seed, rows) {
  if (kind === 'superset') {
    const beyond = rows.map((row) => [versioned(row.slipline, row.versions), evidence(row.test)]);
    return table(['Slipline', 'Test'], beyond);
  }
  const compared = rows.map((row) => [
    versioned(row.seed, row.versions),
    cell(row.slipline),
    cell(row.differs ?? ''),
    evidence(row.test),
  ]);
  return table([code(seed), 'Slipline', 'Why it differs', 'Test'], compared);
}

function table(headings, rows) {
  const lines = [headings, headings.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function evidence(test) {
  const { file, title } = split(test);
  return `[${file.split('/').at(-1)}](../${file}): ${cell(title)}`;
}

const versioned = (text, versions) =>
  cell(versions === undefined ? text : `${text} (${versions.join(', ')})`);

const code = (text) => `\`${text}\``;

/** Text in a table: `code` stays, what would be markup elsewhere does not. */
function cell(text) {
  const parts = text.split(/(`[^`]*`)/);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\*_<[\]]/g, '\\$&')))
    .join('')
    .replaceAll('|', '\\|');
}
