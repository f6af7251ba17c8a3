import { describe, expect, it } from '@jest/globals';
import { failureOf } from './bench.test.support.ts';
import { environmentsFrom, environmentsFromText } from './environment-definitions.ts';

const LAB = { name: 'lab', login: 'https://localhost:1', graph: 'https://localhost:2' };

describe('environments of a configuration', () => {
  it('are made whole, based on clouds and on one another', () => {
    const [lab, second, other] = environmentsFrom([
      LAB,
      { name: 'second', basedOn: 'LAB', graph: 'https://localhost:3', aliases: ['zwei'] },
      { name: 'other', basedOn: 'China', hostSuffixes: ['a.example'], protocolMode: 'OIDC' },
    ]);
    expect(lab).toMatchObject({ ...LAB, type: 'User-defined', protocolMode: 'AAD' });
    expect(second).toMatchObject({ login: LAB.login, graph: 'https://localhost:3', aliases: ['zwei'] });
    expect(other).toMatchObject({ login: 'https://login.chinacloudapi.cn', protocolMode: 'OIDC' });
    expect(environmentsFromText(JSON.stringify([LAB]))).toEqual([lab]);
  });

  it.each<[string, unknown]>([
    ['no list', LAB],
    ['too many', Array.from({ length: 101 }, () => LAB)],
    ['no object', ['lab']],
    ['no name', [{ login: 'https://a.test', graph: 'https://b.test' }]],
    ['an unknown field', [{ ...LAB, password: 'x' }]],
    ['a number', [{ ...LAB, login: 7 }]],
    ['a list of numbers', [{ ...LAB, aliases: [7] }]],
    ['an unknown mode', [{ ...LAB, protocolMode: 'SAML' }]],
    ['an unknown base', [{ name: 'a', basedOn: 'Mars' }]],
    ['a base that is no name', [{ ...LAB, basedOn: LAB }]],
    ['no TLS', [{ ...LAB, login: 'http://localhost:1' }]],
  ])('are refused with %s', async (_what, definitions) => {
    const refusal = { code: 'invalid-settings', next: expect.any(String) };
    expect(await failureOf((async () => environmentsFrom(definitions))())).toMatchObject(refusal);
  });

  it.each(['', '{', 'x'.repeat(70_000)])('are refused where they are no JSON', async (text) => {
    expect(await failureOf((async () => environmentsFromText(text))())).toMatchObject({
      code: 'invalid-settings',
    });
  });
});
