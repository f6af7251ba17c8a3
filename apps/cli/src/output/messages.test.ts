import { describe, expect, it } from '@jest/globals';
import { DisconnectError, Secret } from '@slipline/core';
import { PassThrough } from 'node:stream';
import { presentable } from './errors.ts';
import { StderrMessages, type MessagesParts } from './messages.ts';
import { Redaction } from './redaction.ts';

interface Stage extends Partial<Omit<MessagesParts, 'stderr'>> {
  readonly columns?: number;
}

/** What is to be read on stderr after these messages. */
function said(tell: (messages: StderrMessages) => void, { columns, ...parts }: Stage = {}): string {
  const stderr = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  tell(
    new StderrMessages({
      stderr: () => stderr,
      environment: {},
      redaction: new Redaction(),
      isJson: false,
      level: 'warn',
      ...parts,
    }),
  );
  return String(stderr.read() ?? '');
}

const unreachable = new DisconnectError('unreachable', 'nothing listens there', {
  system: 'ov1.example',
  next: 'check the name',
  cause: new Error('connect ECONNREFUSED', { cause: new Error('the socket') }),
});

describe('an error', () => {
  it('says what, where and what next, and nothing of the code', () => {
    expect(said((messages) => messages.problems([unreachable]))).toBe(
      'unreachable: nothing listens there (ov1.example)\nnext: check the name\n',
    );
  });

  it('has its causes with --debug, never a stack', () => {
    const text = said((messages) => messages.problems([unreachable]), { level: 'debug' });
    expect(text).toMatch(/\ncause: Error: connect ECONNREFUSED\ncause: Error: the socket\n$/);
    expect(text).not.toContain('    at ');
  });

  it('is one object where JSON was asked for, however many there are', () => {
    const other = new DisconnectError('not-found', 'no session');
    const text = said((messages) => messages.problems([unreachable, other]), { isJson: true });
    expect(JSON.parse(text)).toEqual({
      code: 'unreachable',
      message: 'nothing listens there',
      system: 'ov1.example',
      next: 'check the name',
      others: [{ code: 'not-found', message: 'no session' }],
    });
  });

  it('that nobody foresaw says so', () => {
    expect(presentable(new TypeError('x is undefined'))).toMatchObject({
      code: 'internal',
      message: 'x is undefined',
      next: expect.stringContaining('--debug'),
    });
  });

  it('is red on a terminal that has colours', () => {
    expect(said((messages) => messages.problems([unreachable]), { columns: 80 })).toContain(
      '\u001b[31munreachable',
    );
    const environment = { NO_COLOR: '1' };
    expect(said((messages) => messages.problems([unreachable]), { columns: 80, environment })).toMatch(
      /^unreachable/,
    );
  });
});

describe('the log', () => {
  const tell = (messages: StderrMessages): void => {
    messages.log.debug('http', { method: 'GET', url: 'https://ov1.example/' });
    messages.log.info('hello');
    messages.log.warn('take care', { system: 'ov 1', nothing: undefined });
  };

  it('tells as much as was asked for', () => {
    expect(said(tell)).toBe('warning: take care system="ov 1"\n');
    expect(said(tell, { level: 'info' })).toMatch(/^info: hello\nwarning: /);
    expect(said(tell, { level: 'debug' })).toMatch(
      /^debug: http method=GET url=https:\/\/ov1\.example\/\ninfo: /,
    );
  });

  it('is JSON, a line each, where JSON was asked for', () => {
    expect(JSON.parse(said(tell, { isJson: true }))).toEqual({
      level: 'warn',
      message: 'take care',
      system: 'ov 1',
    });
  });

  it('has no secret in it: not one that is known, nor what a name gives away', () => {
    const redaction = new Redaction();
    redaction.add(new Secret('hunter2'));
    const text = said(
      (messages) =>
        messages.log.warn('said hunter2', {
          url: 'https://h/?q=hunter2',
          token: 'abc',
          auth: 'def',
          sessionID: 'ghi',
          headers: { authorization: 'jkl', cookie: 'mno' },
          error: new Error('it was hunter2'),
          value: new Secret('pqr'),
        }),
      { redaction },
    );
    expect(text).not.toMatch(/hunter2|abc|def|ghi|jkl|mno|pqr/);
    expect(text).toContain('[secret]');
  });

  it('is harmless to a terminal', () => {
    expect(said((messages) => messages.log.warn('a\u001b[2Jb\u202ec'))).toBe('warning: abc\n');
  });
});

describe('what is being done', () => {
  const work = (messages: StderrMessages): void => {
    messages.doing('connecting to a name that is rather long');
    messages.note('a note');
    messages.doing('verifying');
    messages.clear();
  };

  it('is one line of the terminal, which goes away', () => {
    expect(said(work, { columns: 20 })).toBe(
      '\r\u001b[Kconnecting to a nam\r\u001b[Ka note\n\r\u001b[Kverifying\r\u001b[K',
    );
  });

  it('is not said elsewhere', () => {
    expect(said(work)).toBe('a note\n');
    expect(said(work, { columns: 20, environment: { TERM: 'dumb' } })).toBe('a note\n');
    expect(said(work, { isJson: true })).toBe('');
  });
});

describe('a notice', () => {
  const notice = { text: 'Sign in with the code.', url: 'https://login.test/device', code: 'A\u001b[2JBC' };

  it('has the address and the code where its text has not', () => {
    expect(said((messages) => messages.notice(notice))).toBe(
      'Sign in with the code.\n  https://login.test/device\n  ABC\n',
    );
    const whole = { ...notice, text: 'Open https://login.test/device', code: undefined };
    expect(said((messages) => messages.notice(whole))).toBe('Open https://login.test/device\n');
  });

  it('is an object where JSON was asked for', () => {
    const text = said((messages) => messages.notice({ ...notice, code: 'ABC' }), { isJson: true });
    expect(JSON.parse(text)).toEqual({ notice: { ...notice, code: 'ABC' } });
  });
});
