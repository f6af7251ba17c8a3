import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@slipline/core';
import { PassThrough } from 'node:stream';
import { UNSAFE } from '../command-line.test.support.ts';
import { FORMATS, type Format } from '@slipline/config';
import { FormattedOutput } from './formatted-output.ts';
import { compileQuery } from './output-query.ts';
import type { Column, Output } from './output.ts';
import { styleFor } from './style.ts';
import { textColumn, textOf } from './text-column.ts';

const COLUMNS: readonly Column[] = [
  textColumn('name', 'name'),
  textColumn('where', 'where', 1),
  { ...textColumn('since', 'since', 2), people: () => '2 h' },
];
const ROWS: readonly JsonObject[] = [
  { name: 'Ann', where: 'ov1.example', since: '2026-01-01T00:00:00Z' },
  { name: 'Łukasz 東京', where: '=HYPERLINK("x")', since: 'a,b "c"' },
];

interface Stage {
  readonly query?: string;
  readonly width?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

async function printed(
  format: Format,
  print: (output: Output) => Promise<void>,
  { query, width, environment = {} }: Stage = {},
): Promise<string> {
  const terminal = width === undefined ? {} : { isTTY: true, columns: width };
  const stdout = Object.assign(new PassThrough(), terminal);
  const compiled = query === undefined ? undefined : await compileQuery(query);
  await print(new FormattedOutput({ format, stdout, style: styleFor(stdout, environment), query: compiled }));
  stdout.end();
  return Buffer.concat(await stdout.toArray()).toString();
}

const list = (format: Format, stage?: Stage, rows = ROWS): Promise<string> =>
  printed(format, (output) => output.list(rows, COLUMNS), stage);

describe('a list', () => {
  it('is a table, aligned by what characters take on a terminal', async () => {
    expect(await list('table')).toBe(
      [
        'NAME         WHERE            SINCE',
        'Ann          ov1.example      2 h',
        'Łukasz 東京  =HYPERLINK("x")  2 h',
        '',
      ].join('\n'),
    );
  });

  it('leaves columns out of a table that is too wide for the terminal, then cuts', async () => {
    const plain = { environment: { NO_COLOR: '1' } };
    expect(await list('table', { width: 32, ...plain })).toMatch(/^NAME {9}WHERE\n/);
    expect(await list('table', { width: 14, ...plain })).toBe('NAME\nAnn\nŁukasz 東京\n');
    expect(await list('table', { width: 9, ...plain })).toBe('NAME\nAnn\nŁukasz …\n');
  });

  it('has a bold heading on a terminal, unless NO_COLOR or TERM says otherwise', async () => {
    expect(await list('table', { width: 80 })).toContain('\u001b[1mNAME');
    expect(await list('table', { width: 80, environment: { NO_COLOR: '1' } })).toMatch(/^NAME/);
    expect(await list('table', { width: 80, environment: { TERM: 'dumb' } })).toMatch(/^NAME/);
  });

  it('is CSV in which no formula is left', async () => {
    expect(await list('csv')).toBe(
      'name,where,since\nAnn,ov1.example,2026-01-01T00:00:00Z\nŁukasz 東京,"\'=HYPERLINK(""x"")","a,b ""c"""\n',
    );
    for (const formula of ['=1', '+1', '-1', '@A1', '\t=1'])
      expect(await list('csv', {}, [{ name: formula }])).toMatch(/\n'/);
  });

  it('is JSON, one array or one object a line', async () => {
    expect(JSON.parse(await list('json'))).toEqual(ROWS);
    expect(
      (await list('jsonl'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(ROWS);
    expect(await list('json', {}, [])).toBe('[]\n');
    expect(await list('jsonl', {}, [])).toBe('');
  });

  it('is nothing where nothing was asked for', async () => {
    expect(await list('none')).toBe('');
  });

  it.each([
    ['[].name', 'json', '[\n  "Ann",\n  "Łukasz 東京"\n]\n'],
    ['[].name', 'jsonl', '"Ann"\n"Łukasz 東京"\n'],
    ['[].name', 'table', 'Ann\nŁukasz 東京\n'],
    ['[0]', 'table', 'NAME  WHERE        SINCE\nAnn   ov1.example  2026-01-01T00:00:00Z\n'],
    ['[].{n: name, x: where}', 'csv', 'n,x\nAnn,ov1.example\nŁukasz 東京,"\'=HYPERLINK(""x"")"\n'],
    ['length(@)', 'table', '2\n'],
    ['[7]', 'table', ''],
    ['[7]', 'json', 'null\n'],
    ['[].[name]', 'table', '["Ann"]\n["Łukasz 東京"]\n'],
    ['[].name', 'none', ''],
  ] as const)('with --query %s as %s', async (query, format, text) => {
    expect(await list(format, { query })).toBe(text);
  });

  it.each(['[', '[].{', 'nope(@)'])('--query %s is refused', async (query) => {
    await expect(list('json', { query })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('is harmless in every format, whatever a server put in it', async () => {
    const hostile = 'a\u001b[2Jb\u009b31mc\u202ed\u2066e\u200bf\u2028g\u0000h\u007fi\r\nj';
    const rows = [{ name: hostile, [hostile]: hostile }];
    for (const format of FORMATS) {
      expect(await list(format, {}, rows)).not.toMatch(UNSAFE);
      expect(await list(format, { query: '@' }, rows)).not.toMatch(UNSAFE);
    }
    expect(JSON.parse(await list('json', {}, rows))).toEqual(rows);
  });
});

describe('sentences and single things', () => {
  it('are read by people, and are data elsewhere', async () => {
    const lines = (output: Output): Promise<void> =>
      output.lines(ROWS, COLUMNS, (row) => `seen: ${textOf(row, 'name')}`);
    expect(await printed('table', lines)).toBe('seen: Ann\nseen: Łukasz 東京\n');
    expect(await printed('csv', lines)).toMatch(/^name,where,since\n/);
    expect(JSON.parse(await printed('json', lines))).toEqual(ROWS);
    expect(await printed('list', lines)).toMatch(/^name {2}: Ann\nwhere : ov1\.example\n/);
    const one = (output: Output): Promise<void> => output.one({ id: '1' }, 'connected');
    expect(await printed('table', one)).toBe('connected\n');
    expect(await printed('json', one)).toBe('{\n  "id": "1"\n}\n');
    expect(await printed('csv', one)).toBe('id\n1\n');
  });
});

describe('a record, as the cmdlet of a system prints it', () => {
  const record = (row: JsonObject) => (row['name'] === 'Ann' ? { Account: 'Ann', Tenant: null } : undefined);
  const sentence = (row: JsonObject): string => `seen: ${textOf(row, 'name')}`;

  it('is printed in the place of the row', async () => {
    const list = (output: Output): Promise<void> => output.list(ROWS, COLUMNS, record);
    const [first = '', second = ''] = (await printed('list', list)).split('\n\n');
    expect(first).toBe('Account : Ann\nTenant  :');
    expect(second).toMatch(/^name {2}: Łukasz/);
  });

  it('is printed below the sentence that it belongs to', async () => {
    const lines = (output: Output): Promise<void> => output.lines(ROWS, COLUMNS, sentence, record);
    expect(await printed('table', lines)).toBe(
      'seen: Ann\n\nAccount : Ann\nTenant  :\n\nseen: Łukasz 東京\n',
    );
  });
});

describe('a reader', () => {
  const failing = (code: string): Output => {
    const stdout = new PassThrough();
    stdout.on('error', () => undefined);
    stdout._write = (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code }));
    return new FormattedOutput({ format: 'json', stdout, style: styleFor(stdout, {}) });
  };

  it('that has gone away stops nothing', async () => {
    await expect(failing('EPIPE').raw('text')).resolves.toBeUndefined();
  });

  it('that has no room is an error', async () => {
    await expect(failing('ENOSPC').raw('text')).rejects.toMatchObject({ code: 'internal' });
  });
});
