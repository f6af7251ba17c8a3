import { describe, expect, it } from '@jest/globals';
import { DisconnectError, ERROR_CODES } from './errors.ts';

describe('DisconnectError.is', () => {
  it('knows an error of another copy of this package', async () => {
    // Another module as far as Node is concerned, as a second installed copy would be.
    const path = './errors.ts?copy';
    const copy = (await import(path)) as { DisconnectError: typeof DisconnectError };
    const error = new copy.DisconnectError('quota', 'too many sessions');
    expect(error).not.toBeInstanceOf(DisconnectError);
    expect(DisconnectError.is(error)).toBe(true);
    expect(copy.DisconnectError.is(new DisconnectError('quota', 'too many sessions'))).toBe(true);
    expect(DisconnectError.from(error)).toBe(error);
    expect(DisconnectError.from(error).at('ov1.example').system).toBe('ov1.example');
  });

  it.each([undefined, null, 'quota', 7, {}, new Error('quota'), { code: 'quota', message: 'too many' }])(
    'does not take %p for one',
    (value) => expect(DisconnectError.is(value)).toBe(false),
  );
});

describe('DisconnectError.from', () => {
  it('translates the reasons of signals', () => {
    expect(DisconnectError.from(AbortSignal.abort().reason).code).toBe('aborted');
    expect(DisconnectError.from(new DOMException('late', 'TimeoutError')).code).toBe('timeout');
  });

  it('keeps what it does not know as cause, with its message', () => {
    const cause = new TypeError('x is not a function');
    const error = DisconnectError.from(cause, { system: 'ov1.example', mayHaveTakenEffect: true });
    expect(error).toMatchObject({
      code: 'internal',
      message: 'x is not a function',
      system: 'ov1.example',
      mayHaveTakenEffect: true,
      cause,
    });
  });

  it.each([undefined, null, 'text', 7, Symbol('s'), {}, Object.create(null), () => undefined, 7n])(
    'makes an error of %p, whatever was thrown',
    (thrown) => {
      const error = DisconnectError.from(thrown);
      expect(error.code).toBe('internal');
      expect(error.message).not.toBe('');
    },
  );
});

describe('DisconnectError', () => {
  it('is filled in with a system only where it has none', () => {
    const cause = new Error('ECONNREFUSED');
    const bare = new DisconnectError('unreachable', 'nothing listens there', {
      cause,
      next: 'look at the network',
      details: { port: 443 },
      mayHaveTakenEffect: true,
    });
    const placed = bare.at('ov1.example');
    expect(placed).toMatchObject({
      code: 'unreachable',
      message: 'nothing listens there',
      next: 'look at the network',
      details: { port: 443 },
      mayHaveTakenEffect: true,
      system: 'ov1.example',
    });
    expect(placed.cause).toBe(cause);
    expect(placed.at('ov2.example')).toBe(placed);
    expect('cause' in new DisconnectError('quota', 'full').at('ov1.example')).toBe(false);
  });

  it('leaves the process without cause and stack', () => {
    const error = new DisconnectError('forbidden', 'not allowed', {
      system: 'ov1.example',
      next: 'ask an administrator',
      details: { role: 'viewer' },
      cause: new Error('token canary'),
      mayHaveTakenEffect: true,
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'forbidden',
      message: 'not allowed',
      system: 'ov1.example',
      next: 'ask an administrator',
      details: { role: 'viewer' },
    });
    expect(JSON.stringify(new DisconnectError('quota', 'full'))).toBe('{"code":"quota","message":"full"}');
  });

  it('has a closed list of codes, each once', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  });
});
