import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defineEnvironment, ENVIRONMENTS, findEnvironment, isHostOf, isLoginOf } from './environments.ts';

describe('the built-in environments', () => {
  it('are those of the reference', () => {
    expect(ENVIRONMENTS.map(({ name, login, graph }) => [name, login, graph])).toEqual([
      ['Global', 'https://login.microsoftonline.com', 'https://graph.microsoft.com'],
      ['USGov', 'https://login.microsoftonline.us', 'https://graph.microsoft.us'],
      ['USGovDoD', 'https://login.microsoftonline.us', 'https://dod-graph.microsoft.us'],
      ['China', 'https://login.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn'],
      ['Germany', 'https://login.microsoftonline.de', 'https://graph.microsoft.de'],
      ['BleuCloud', 'https://login.sovcloud-identity.fr', 'https://graph.svc.sovcloud.fr'],
      ['DelosCloud', 'https://login.sovcloud-identity.de', 'https://graph.svc.sovcloud.de'],
      ['GovSGCloud', 'https://login.sovcloud-identity.sg', 'https://graph.svc.sovcloud.sg'],
    ]);
    expect(ENVIRONMENTS.map(({ exchange }) => exchange).slice(0, 5)).toEqual([
      'https://outlook.office365.com',
      'https://outlook.office365.us',
      'https://outlook-dod.office365.us',
      'https://partner.outlook.cn',
      'https://outlook.office.de',
    ]);
    expect(ENVIRONMENTS.filter(({ isRetired }) => isRetired).map(({ name }) => name)).toEqual(['Germany']);
  });

  it('have no name twice', () => {
    const names = ENVIRONMENTS.flatMap(({ name, aliases }) => [name, ...aliases]).map((name) =>
      name.toLowerCase(),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['worldwide', 'Global'],
    ['o365default', 'Global'],
    ['O365USGovGCCHigh', 'USGov'],
    ['O365USGovDoD', 'USGovDoD'],
    ['O365China', 'China'],
    ['GERMANY', 'Germany'],
  ])('are found as %s', (name, wanted) => {
    expect(findEnvironment(name).name).toBe(wanted);
  });

  it('are named to whoever asks for another', () => {
    expect(() => findEnvironment('Mars')).toThrow(
      expect.objectContaining({
        code: 'invalid-settings',
        next: expect.stringContaining('Global, USGov'),
      }),
    );
  });
});

describe("an environment of one's own", () => {
  const lab = { name: 'lab', login: 'https://localhost:8443', graph: 'https://graph.lab.example' };

  it('comes before a built-in one of the same name', () => {
    const own = defineEnvironment({ ...lab, name: 'global' });
    expect(findEnvironment('Global', [own])).toBe(own);
    expect(own).toMatchObject({ type: 'User-defined', protocolMode: 'AAD' });
  });

  it('takes from another what it does not say', () => {
    const own = defineEnvironment({
      name: 'mine',
      basedOn: findEnvironment('USGov'),
      graph: 'https://graph.lab.example/',
    });
    expect(own).toMatchObject({
      login: 'https://login.microsoftonline.us',
      graph: 'https://graph.lab.example',
      exchange: 'https://outlook.office365.us',
      type: 'User-defined',
    });
  });

  it.each([
    ['without https', { login: 'http://localhost:8443' }],
    ['without a scheme', { login: 'localhost:8443' }],
    ['with a path', { graph: 'https://graph.lab.example/v1.0' }],
    ['with a query', { graph: 'https://graph.lab.example?x' }],
    ['with a password', { graph: 'https://user:secret@graph.lab.example' }],
    ['without a login', { login: undefined }],
    ['with a strange name', { name: 'a b' }],
    ['with a whole country as its domain', { hostSuffixes: ['com'] }],
    ['with a dot before its domain', { hostSuffixes: ['.lab.example'] }],
    ['with an address for a host', { loginAliases: ['https://login.lab.example'] }],
    ['with a path for a host', { loginAliases: ['login.lab.example/x'] }],
  ])('is refused %s', (_what, change) => {
    const definition = { ...lab, ...change };
    expect(() => defineEnvironment(definition)).toThrow(
      expect.objectContaining({ code: 'invalid-settings' }),
    );
  });
});

describe('where a token may be sent', () => {
  const global = findEnvironment('Global');

  it.each([
    ['https://graph.microsoft.com/v1.0/me', true],
    ['https://outlook.office365.com/adminapi', true],
    ['https://eurprd01.outlook.office365.com/adminapi', true],
    ['https://eur01b.ps.compliance.protection.outlook.com/', true],
    ['https://login.microsoftonline.com/x', false],
    ['http://graph.microsoft.com/', false],
    ['https://graph.microsoft.com:8443/', false],
    ['https://eurprd01.outlook.office365.com:446/', false],
    ['https://graph.microsoft.com.evil.example/', false],
    ['https://evil-outlook.office365.com.example/', false],
    ['https://eviloutlook.office365.com/', false],
    ['https://graph.microsoft.com@evil.example/', false],
    ['https://graph.microsoft.us/', false],
    ['nonsense', false],
  ])('%s: %s', (address, isOwn) => {
    expect(isHostOf(global, address)).toBe(isOwn);
  });

  it('is never a host that only looks alike', () => {
    fc.assert(
      fc.property(fc.domain(), (domain) => {
        const isOwn = ['outlook.office365.com', 'protection.outlook.com'].some((own) =>
          domain.endsWith(`.${own}`),
        );
        expect(isHostOf(global, `https://${domain}/`)).toBe(isOwn);
        expect(isHostOf(global, `https://graph.microsoft.com.${domain}/`)).toBe(false);
      }),
    );
  });
});

it('tells where sign-in may lead', () => {
  const china = findEnvironment('China');
  const allowed = [
    'https://login.chinacloudapi.cn/a',
    'https://login.partner.microsoftonline.cn/b',
    'https://graph.microsoft.com/c',
  ];
  expect(allowed.map((address) => isLoginOf(china, address))).toEqual([true, true, false]);
});
