import { describe, expect, it } from '@jest/globals';
import { makeWho, matchesGlob } from './who.ts';

const sees = (scopes: readonly string[], provider: string, endpoint: string): boolean =>
  makeWho('olga', 'operator', scopes).sees({ provider, endpoint });

describe('scopes', () => {
  it.each([
    [['*'], 'wsman', 'server01', true],
    [[], 'wsman', 'server01', false],
    [['wsman:*'], 'wsman', 'server01', true],
    [['wsman:*'], 'entra', 'server01', false],
    [['wsman:server*'], 'wsman', 'SERVER01', true],
    [['wsman:SERVER*'], 'wsman', 'server01', true],
    [['wsman:server*'], 'wsman', 'myserver', false],
    [['wsman:server?'], 'wsman', 'server12', false],
    [['*:server01'], 'terminal-sessions', 'server01', true],
    [['entra:x', 'wsman:server01'], 'wsman', 'server01', true],
    [['wsman:a.c'], 'wsman', 'abc', false],
  ])('%j sees %s at %s: %s', (scopes, provider, endpoint, answer) => {
    expect(sees(scopes, provider, endpoint)).toBe(answer);
  });

  it.each([
    '',
    'wsman',
    'wsman:',
    ':x',
    'Wsman:x',
    'wsman:a b',
    'wsman:a\nb',
    '**',
    `wsman:${'a'.repeat(400)}`,
  ])('%j is none', (scope) => {
    expect(() => makeWho('olga', 'viewer', [scope])).toThrow(/is not a scope/);
  });

  it('are bounded in number', () => {
    expect(() => makeWho('olga', 'viewer', new Array<string>(101).fill('*'))).toThrow(/more than 100/);
  });

  it('cannot be changed afterwards', () => {
    const scopes = ['wsman:a'];
    const who = makeWho('olga', 'viewer', scopes);
    scopes.push('*');
    expect(who.scopes).toEqual(['wsman:a']);
    expect(who.sees({ provider: 'entra', endpoint: 'b' })).toBe(false);
  });
});

it('a glob made to be slow is not', () => {
  const glob = `${'*a'.repeat(100)}*b`;
  const start = process.cpuUsage().user;
  expect(matchesGlob(glob, 'a'.repeat(10_000))).toBe(false);
  expect(process.cpuUsage().user - start).toBeLessThan(2_000_000);
});
