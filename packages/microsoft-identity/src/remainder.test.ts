import { describe, expect, it } from '@jest/globals';
import { isDelegated, remainderOfForgetting, remainderOfRevoking } from './remainder.ts';

describe('access that remains', () => {
  it('is a copy of the access token, until it expires', () => {
    const until = { what: 'copies of the access token', until: 2000 };
    expect(remainderOfForgetting({ kind: 'access-token', expiresAt: 2000, now: 1000 })).toEqual([until]);
    expect(remainderOfForgetting({ kind: 'access-token', expiresAt: 2000, now: 2000 })).toEqual([]);
    expect(remainderOfForgetting({ kind: 'access-token', now: 1 })).toEqual([
      { what: 'copies of the access token, until it expires' },
    ]);
  });

  it('includes what was never told that anything ended', () => {
    const words = (kind: 'interactive' | 'certificate') =>
      remainderOfForgetting({ kind, expiresAt: 0, now: 1 }).map(({ what }) => what);
    expect(words('interactive')).toEqual([
      'copies of the refresh token, until it is revoked or expires',
      "the browser's own sign-in, and accounts in the Windows broker",
    ]);
    expect(words('certificate')).toEqual([
      "the application's certificate, until it is removed from its registration",
    ]);
  });

  it('after revoking is what the directory does not reach', () => {
    expect(remainderOfRevoking({ expiresAt: 2000, now: 1000 })).toMatchObject([{ until: 2000 }, {}, {}]);
  });

  it('can be revoked for people only', () => {
    expect(
      (['interactive', 'device-code', 'client-secret', 'managed-identity'] as const).map(isDelegated),
    ).toEqual([true, true, false, false]);
  });
});
