import { describe, expect, it } from '@jest/globals';
import { shapeProblems } from './shape.mjs';

const TEST = 'packages/acme/src/acme.test.ts > logout > ends that session';
const ROW = { kind: 'alias', seed: '`Hostname`', slipline: 'the same', test: TEST };
const SUPERSET = { kind: 'superset', slipline: 'asks the server again', test: TEST };
const FILE = { seed: 'Disconnect-Acme', versions: ['1.0', '2.0'], rows: [ROW, SUPERSET] };

const withRow = (row) => ({ ...FILE, rows: [row] });

describe('shapeProblems', () => {
  it('is content with the form that is described', () => {
    const detailed = { ...ROW, versions: ['2.0'], differs: 'the cmdlet stops at the first error' };
    expect(shapeProblems({ ...FILE, rows: [ROW, detailed, SUPERSET] })).toEqual([]);
  });

  it.each([
    ['no object', [FILE], /^is an object/],
    ['no rows', { ...FILE, rows: [] }, /^rows is a list/],
    ['rows that are no list', { ...FILE, rows: {} }, /^rows is a list/],
    ['a cmdlet without a verb', { ...FILE, seed: 'Acme' }, /^seed is the name of a cmdlet/],
    ['the same version twice', { ...FILE, versions: ['1.0', '1.0'] }, /^versions is a list/],
    ['another field', { ...FILE, note: 'x' }, /^note is no field/],
    ['a row that is no object', withRow('alias'), /^rows\[0\] is an object/],
    ['another field in a row', withRow({ ...ROW, why: 'x' }), /^rows\[0\]\.why is no field/],
    ['another kind', withRow({ ...ROW, kind: 'flag' }), /^rows\[0\]\.kind is one of parameter, /],
    ['a kind that objects inherit', withRow({ ...ROW, kind: 'toString' }), /^rows\[0\]\.kind is one of/],
    ['a row without the seed', withRow({ ...ROW, seed: undefined }), /^rows\[0\]\.seed is one line/],
    ['a superset with a seed', withRow({ ...SUPERSET, seed: 'x' }), /^rows\[0\]\.seed is absent/],
    ['a superset that differs', withRow({ ...SUPERSET, differs: 'x' }), /^rows\[0\]\.differs is absent/],
    ['an empty answer', withRow({ ...ROW, slipline: ' ' }), /^rows\[0\]\.slipline is one line/],
    ['text of two lines', withRow({ ...ROW, slipline: 'a\nb' }), /^rows\[0\]\.slipline is one line/],
    ['an unknown version', withRow({ ...ROW, versions: ['3.0'] }), /^rows\[0\]\.versions is a list of some/],
    ['a row of no version', withRow({ ...ROW, versions: [] }), /^rows\[0\]\.versions is a list of some/],
    ['a row without a test', withRow({ ...ROW, test: undefined }), /^rows\[0\]\.test is/],
    [
      'a file without a test',
      withRow({ ...ROW, test: 'packages/acme/src/a.test.ts' }),
      /^rows\[0\]\.test is/,
    ],
    [
      'a file that is no test',
      withRow({ ...ROW, test: 'packages/acme/src/a.ts > x' }),
      /^rows\[0\]\.test is/,
    ],
    ['a peer test', withRow({ ...ROW, test: 'apps/cli/src/a.peer.test.ts > x' }), /^rows\[0\]\.test is/],
    ['the same row twice', { ...FILE, rows: [ROW, { ...ROW }] }, /^rows\[1\] says the same as rows\[0\]/],
  ])('names %s', (_, file, sentence) => {
    expect(shapeProblems(file)).toEqual([expect.stringMatching(sentence)]);
  });
});
