import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { check } from 'prettier';
import { parity } from './parity.mjs';

const FILE = 'packages/acme/src/acme.test.ts';
const ROWS = [
  { kind: 'superset', slipline: 'asks the server again', test: `${FILE} > logout > asks again` },
  {
    kind: 'alias',
    seed: '`Hostname` | <Object>',
    versions: ['1.0'],
    slipline: 'the same',
    differs: 'in spelling',
    test: `${FILE} > logout > takes a_host_name`,
  },
];

let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipline-parity-'));
  write('packages/core/package.json', { nx: { tags: ['type:core'] } });
  write('packages/acme/package.json', { nx: { tags: ['type:provider'] } });
  write(FILE, `describe('logout', () => { it('asks again', f); it('takes a_host_name', f); });`);
  writeRows(ROWS);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path, content) {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

const writeRows = (rows) =>
  write('packages/acme/parity.json', { seed: 'Disconnect-Acme', versions: ['1.0', '2.0'], rows });

/** Results as Jest's --json writes them. */
function writeResults(...statuses) {
  const titles = ['asks again', 'takes a_host_name'];
  const assertionResults = statuses.map((status, index) => ({
    ancestorTitles: ['logout'],
    title: titles[index],
    status,
  }));
  write('packages/acme/test-results.json', {
    testResults: [{ name: `/elsewhere/${FILE}`, assertionResults }],
  });
}

const readPage = () => readFileSync(join(root, 'docs/parity.md'), 'utf8');

describe('parity', () => {
  it('writes a page on which every row stands under its kind, with its test', async () => {
    expect(await parity(root)).toEqual([]);
    const text = readPage();
    expect(text).toContain('| [acme](#acme) | `Disconnect-Acme` | 1.0, 2.0 | 0        | 1 ');
    expect(text).toContain('### Aliases');
    expect(text).toContain('`Hostname` \\| \\<Object> (1.0)');
    expect(text).toContain(
      '[acme.test.ts](../packages/acme/src/acme.test.ts): logout > takes a\\_host\\_name',
    );
    expect(text.indexOf('### Aliases')).toBeLessThan(text.indexOf('### Beyond the cmdlet'));
  });

  it('writes a page that the check of the format accepts', async () => {
    await parity(root);
    expect(await check(readPage(), { parser: 'markdown' })).toBe(true);
  });

  it('accepts its own page', async () => {
    await parity(root);
    expect(await parity(root, { isCheck: true })).toEqual([]);
  });

  it('names a page that is not there, or is of earlier rows', async () => {
    expect(await parity(root, { isCheck: true })).toEqual([expect.stringContaining('out of date')]);
    await parity(root);
    writeRows(ROWS.slice(0, 1));
    expect(await parity(root, { isCheck: true })).toEqual([expect.stringContaining('out of date')]);
  });

  it('names a provider without rows, and one whose rows are not JSON', async () => {
    write('packages/other/package.json', { nx: { tags: ['type:provider'] } });
    write('packages/acme/parity.json', '{');
    expect(await parity(root)).toEqual([
      'packages/acme/parity.json: is missing, or is not JSON: every provider has one.',
      'packages/other/parity.json: is missing, or is not JSON: every provider has one.',
    ]);
  });

  it('names a row in the wrong form, and writes nothing', async () => {
    writeRows([{ ...ROWS[1], kind: 'more' }]);
    expect(await parity(root)).toEqual([
      expect.stringMatching(/^packages\/acme\/parity.json: rows\[0\].kind/),
    ]);
    expect(readPage).toThrow('ENOENT');
  });

  it('names a test that is not in its file', async () => {
    writeRows([{ ...ROWS[0], test: `${FILE} > asks again` }]);
    expect(await parity(root)).toEqual([
      `packages/acme/parity.json: rows[0].test: ${FILE} has no test "asks again".`,
    ]);
  });

  it('names a file that is not there', async () => {
    writeRows([{ ...ROWS[0], test: 'apps/cli/src/x.test.ts > x' }]);
    expect(await parity(root)).toEqual([
      'packages/acme/parity.json: rows[0].test: there is no file apps/cli/src/x.test.ts.',
    ]);
  });
});

describe('parity after a test run', () => {
  const checked = async () => {
    await parity(root);
    return parity(root, { isCheck: true, hasRun: true });
  };

  it('is content when every named test passed', async () => {
    writeResults('passed', 'passed');
    expect(await checked()).toEqual([]);
  });

  it('names a test that failed', async () => {
    writeResults('passed', 'failed');
    expect(await checked()).toEqual([expect.stringContaining('"logout > takes a_host_name"')]);
    expect(await checked()).toEqual([expect.stringContaining('did not pass')]);
  });

  it('names a test that did not run', async () => {
    writeResults('passed');
    expect(await checked()).toEqual([expect.stringContaining('did not run')]);
  });

  it('names a project without results', async () => {
    expect(await checked()).toEqual([
      expect.stringContaining('packages/acme has no test-results.json'),
      expect.stringContaining('packages/acme has no test-results.json'),
    ]);
  });
});
