import { manualClock } from '@slipline/testkit';
import { describe, expect, it } from '@jest/globals';
import { Brake } from './brake.ts';
import { CookieSessions, isSameSecret } from './cookie-sessions.ts';
import { SignInTokens } from './sign-in-tokens.ts';
import { makeWho } from './who.ts';

const who = makeWho('olga', 'operator', ['*']);
const HOUR = 3_600_000;

describe('a one-time token', () => {
  it('has 256 bits and is good once', () => {
    const tokens = new SignInTokens(manualClock());
    const token = tokens.issue(who);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(tokens.redeem(token)).toBe(who);
    expect(tokens.redeem(token)).toBeUndefined();
  });

  it('is good for five minutes', async () => {
    const clock = manualClock();
    const tokens = new SignInTokens(clock);
    const token = tokens.issue(who);
    await clock.advance(5 * 60_000);
    expect(tokens.redeem(token)).toBeUndefined();
  });

  it('is no other text', () => {
    const tokens = new SignInTokens(manualClock());
    const token = tokens.issue(who);
    for (const text of ['', token.slice(1), `${token} `, token.toLowerCase()])
      expect(tokens.redeem(text)).toBeUndefined();
    expect(tokens.redeem(token)).toBe(who);
  });
});

describe('a sign-in of the page', () => {
  it('is found by its cookie, until it is closed', () => {
    const sessions = new CookieSessions(manualClock());
    const { cookie, csrfToken } = sessions.open(who);
    expect(sessions.find(cookie)).toMatchObject({ who, csrfToken });
    expect(sessions.find(csrfToken)).toBeUndefined();
    sessions.close(cookie);
    expect(sessions.find(cookie)).toBeUndefined();
  });

  it('ends after an hour without use', async () => {
    const clock = manualClock();
    const sessions = new CookieSessions(clock);
    const { cookie } = sessions.open(who);
    await clock.advance(HOUR - 1);
    expect(sessions.find(cookie)).toBeDefined();
    await clock.advance(HOUR);
    expect(sessions.find(cookie)).toBeUndefined();
  });

  it('ends after twelve hours of use', async () => {
    const clock = manualClock();
    const sessions = new CookieSessions(clock);
    const { cookie } = sessions.open(who);
    for (let hours = 0; hours < 12; hours += 0.5) {
      expect(sessions.find(cookie)).toBeDefined();
      await clock.advance(HOUR / 2);
    }
    expect(sessions.find(cookie)).toBeUndefined();
  });

  it('ends with the key that it was made with', () => {
    const sessions = new CookieSessions(manualClock());
    let isGood = true;
    const { cookie } = sessions.open(who, () => isGood);
    expect(sessions.isGood(cookie)).toBe(true);
    isGood = false;
    expect(sessions.isGood(cookie)).toBe(false);
    expect(sessions.find(cookie)).toBeUndefined();
  });

  it('makes room by ending the oldest', () => {
    const sessions = new CookieSessions(manualClock());
    const cookies = Array.from({ length: 1001 }, () => sessions.open(who).cookie);
    expect(sessions.size).toBe(1000);
    expect(sessions.find(cookies[0] ?? '')).toBeUndefined();
    expect(sessions.find(cookies[1] ?? '')).toBeDefined();
  });
});

describe('the brake', () => {
  it('holds after so many failures, for a minute, and only who failed', async () => {
    const clock = manualClock();
    const brake = new Brake(clock, 3);
    for (let count = 0; count < 3; count++) {
      expect(brake.wait('a')).toBe(0);
      brake.failed('a');
      await clock.advance(1000);
    }
    expect(brake.wait('a')).toBe(57);
    expect(brake.wait('b')).toBe(0);
    await clock.advance(57_000);
    expect(brake.wait('a')).toBe(0);
  });

  it('remembers so many and no more', () => {
    const brake = new Brake(manualClock(), 1);
    for (let count = 0; count < 20_000; count++) brake.failed(String(count));
    expect(brake.wait('0')).toBe(0);
    expect(brake.wait('19999')).toBe(60);
  });
});

it('secrets are compared whole', () => {
  expect(isSameSecret('abc', 'abc')).toBe(true);
  for (const other of ['', 'ab', 'abcd', 'abd', 'ABC']) expect(isSameSecret('abc', other)).toBe(false);
});
