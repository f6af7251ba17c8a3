import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '@slipline/core';
import { ApplianceError, integer, readReply, text, time, type Reply } from './hpe-oneview-reply.ts';

function reply(fields: Reply['fields'], status = 400): Reply {
  return { status, body: 'object', fields };
}

describe('an answer', () => {
  it.each([
    ['{"sessionID":"x"}', 'object', { sessionID: 'x' }],
    ['', 'empty', {}],
    [' \r\n', 'empty', {}],
    ['<html></html>', 'other', {}],
    ['[{"sessionID":"x"}]', 'other', {}],
    ['null', 'other', {}],
    ['"text"', 'other', {}],
    ['{"sessionID":', 'other', {}],
    [`${'['.repeat(1_000_000)}`, 'other', {}],
  ])('%.20s is %s', async (body, kind, fields) => {
    expect(await readReply(new Response(body))).toEqual({ status: 200, body: kind, fields });
  });

  it('without content has no body to read', async () => {
    expect(await readReply(new Response(null, { status: 204 }))).toEqual({
      status: 204,
      body: 'empty',
      fields: {},
    });
  });
});

describe('what an appliance says', () => {
  const said = (fields: Reply['fields'], ...secrets: string[]): string =>
    new ApplianceError(
      'login',
      reply(fields),
      secrets.map((secret) => new Secret(secret)),
    ).said;

  it('is its details, or else its message', () => {
    expect(said({ message: 'Denied.', details: 'Too many.' })).toBe('Too many.');
    expect(said({ message: 'Denied.', details: '' })).toBe('Denied.');
    expect(said({ message: 7, details: null })).toBe('');
    expect(said({})).toBe('');
  });

  it('commands no terminal and has an end', () => {
    expect(said({ message: 'a\u001b[31mb\u202ec\r\nd' })).toBe('abc d');
    expect(said({ message: 'x'.repeat(100_000) })).toHaveLength(2000);
  });

  it('is not shown where it repeats a secret', () => {
    expect(said({ message: 'Denied.', details: 'wrong: hunter2' }, 'hunter2')).toBe('Denied.');
    expect(said({ message: 'hun\u200bter2' }, 'hunter2')).toBe('');
    expect(said({ message: `${'x'.repeat(1990)}hunter2-hunter2` }, 'hunter2')).toBe('');
  });

  it('has a code of a bounded length', () => {
    expect(new ApplianceError('login', reply({ errorCode: 'AUTHN_AUTH_FAIL' })).errorCode).toBe(
      'AUTHN_AUTH_FAIL',
    );
    expect(new ApplianceError('login', reply({ errorCode: 'X'.repeat(10_000) })).errorCode).toHaveLength(100);
    expect(new ApplianceError('login', reply({ errorCode: {} })).errorCode).toBeUndefined();
  });
});

describe('fields', () => {
  it('are texts only where they hold something to read', () => {
    expect([text('ov1'), text(' '), text('\u202e'), text(1), text(undefined)]).toEqual([
      'ov1',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are integers only within bounds', () => {
    expect([
      integer(5, 1, 9),
      integer(0, 1, 9),
      integer(5.5, 1, 9),
      integer('5', 1, 9),
      integer(NaN, 1, 9),
    ]).toEqual([5, undefined, undefined, undefined, undefined]);
  });

  it('are times in any common form', () => {
    expect(time('2026-01-02T03:04:05.678Z')).toBe('2026-01-02T03:04:05.678Z');
    expect(time('2026-01-02T03:04:05+01:00')).toBe('2026-01-02T02:04:05.000Z');
    expect([time('yesterday'), time(1_767_225_600_000), time('9'.repeat(1000))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

it('an answer that makes no sense is not carried about: it may hold the token of a session that was opened', () => {
  const error = new ApplianceError('login', reply({ sessionID: 'the-token' }, 201));
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('the-token');
  expect([error.status, error.operation]).toEqual([201, 'login']);
});
