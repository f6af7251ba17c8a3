import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  parsePartition,
  readPartition,
  refreshTokenIn,
  withoutAccessTokens,
  writePartition,
  type PartitionContent,
} from './partition.ts';

const MSAL = JSON.stringify({
  Account: {},
  IdToken: {},
  AccessToken: { key: { secret: 'left behind' } },
  RefreshToken: { key: { secret: 'refresh' } },
  AppMetadata: {},
});
const ACCOUNT = { id: 'o.t', objectId: 'o', tenantId: 't', userName: 'ada@contoso.com', name: 'Ada' };
const CONTENT: PartitionContent = {
  kind: 'interactive',
  login: 'https://login.microsoftonline.com',
  clientId: 'c',
  tenantId: 't',
  account: ACCOUNT,
  tokens: [
    { wanted: ['a'], scopes: ['A', 'B'], accessToken: 'one', expiresAt: 1000 },
    { wanted: ['b'], scopes: ['B'], accessToken: 'two', expiresAt: 2000 },
  ],
  msal: MSAL,
};

describe('a partition', () => {
  it('is read as it was written', () => {
    expect(parsePartition(writePartition(CONTENT))).toEqual({ ...CONTENT, format: 1 });
  });

  it('tells what people want to know, and no secret', () => {
    const facts = readPartition(writePartition(CONTENT));
    expect(facts).toEqual({
      kind: 'interactive',
      clientId: 'c',
      tenantId: 't',
      account: ACCOUNT,
      scopes: ['A', 'B'],
      expiresAt: 2000,
      hasRefreshToken: true,
    });
    expect(JSON.stringify(facts)).not.toMatch(/one|two|refresh"/);
  });

  it('of an application has no refresh token, and may not know its end', () => {
    const given = { ...CONTENT, msal: undefined, account: undefined, kind: 'access-token' } as const;
    const tokens = [{ wanted: [], scopes: [], accessToken: 'x', expiresAt: undefined }];
    expect(readPartition(writePartition({ ...given, tokens }))).toMatchObject({
      expiresAt: undefined,
      hasRefreshToken: false,
    });
  });

  it.each([
    ['nothing', ''],
    ['half of it', writePartition(CONTENT).slice(0, -20)],
    ['something else', '{"Account":{}}'],
    ['a later format', JSON.stringify({ ...CONTENT, format: 2 })],
    ['an unknown kind', JSON.stringify({ ...CONTENT, format: 1, kind: 'password' })],
    ['tokens that are none', JSON.stringify({ ...CONTENT, format: 1, tokens: [{}] })],
    [
      'an empty token',
      JSON.stringify({ ...CONTENT, format: 1, tokens: [{ ...CONTENT.tokens[0], accessToken: '' }] }),
    ],
    ['an account that is none', JSON.stringify({ ...CONTENT, format: 1, account: { id: 1 } })],
    ['no tokens', JSON.stringify({ ...CONTENT, format: 1, tokens: undefined })],
    ['a giant', JSON.stringify({ ...CONTENT, format: 1, msal: 'x'.repeat(5e6) })],
  ])('that is %s cannot be read', (_what, text) => {
    expect(() => readPartition(text)).toThrow(expect.objectContaining({ code: 'unreadable-partition' }));
  });

  it('never fails otherwise', () => {
    const value = fc.record({
      ...Object.fromEntries(Object.keys(CONTENT).map((key) => [key, fc.jsonValue()])),
    });
    fc.assert(
      fc.property(value, (content) => {
        expect(() => readPartition(JSON.stringify({ ...content, format: 1 }))).toThrow(
          expect.objectContaining({ code: 'unreadable-partition' }),
        );
      }),
    );
  });
});

describe("MSAL's cache", () => {
  it('keeps its refresh token and loses its access tokens', () => {
    const kept = withoutAccessTokens(MSAL) ?? '';
    expect([refreshTokenIn(kept), kept.includes('left behind')]).toEqual(['refresh', false]);
  });

  it('is nothing without a refresh token', () => {
    expect(
      withoutAccessTokens('{"AccessToken":{"key":{"secret":"app-only"}},"RefreshToken":{}}'),
    ).toBeUndefined();
  });

  it.each([
    '',
    '[]',
    '{"RefreshToken":[]}',
    '{"RefreshToken":{"a":1}}',
    '{"RefreshToken":{"a":{"secret":1}}}',
  ])('of %j has no refresh token', (text) => {
    expect(refreshTokenIn(text)).toBeUndefined();
  });
});
