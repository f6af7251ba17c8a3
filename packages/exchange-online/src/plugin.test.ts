import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS } from '@slipline/microsoft-identity';
import { placeOf } from './connection-place.ts';
import { exchangeOnline } from './index.ts';

const plugin = exchangeOnline();
const cmdlet = (name: string) => plugin.cmdlets?.find((one) => one.name === name);

describe('the plugin', () => {
  it('asks before it disconnects, and takes nothing in particular for everything', () => {
    expect(plugin).toMatchObject({ id: 'exchange-online', impact: 'high', unnamed: 'all' });
    expect(Object.isFrozen(plugin)).toBe(true);
  });

  it('refuses options that make no sense', () => {
    expect(() => exchangeOnline({ clientId: 'mine' })).toThrow('clientId');
    expect(() => exchangeOnline({ liveTimeout: 0 })).toThrow('liveTimeout');
    expect(() => exchangeOnline({ unknown: 1 } as object)).toThrow('unknown');
  });

  it('has no password among its parameters', () => {
    const all = Object.values(plugin.connect ?? {});
    expect(all.filter((parameter) => 'credential' in parameter)).toEqual([]);
  });
});

describe('Disconnect-ExchangeOnline', () => {
  it('has the three parameter sets, of which the one without parameters is the default', () => {
    expect(cmdlet('Disconnect-ExchangeOnline')).toMatchObject({
      verb: 'disconnect',
      sets: { DefaultParameterSet: [], ConnectionId: ['connectionId'], ModulePrefix: ['modulePrefix'] },
      mandatory: { ConnectionId: ['connectionId'], ModulePrefix: ['modulePrefix'] },
    });
  });

  it('asks, forgets and prints nothing', () => {
    expect(cmdlet('Disconnect-ExchangeOnline')).toMatchObject({ confirmImpact: 'high', effect: 'forget' });
    expect(cmdlet('Disconnect-ExchangeOnline')?.prints).toBeUndefined();
  });

  it('takes many ids or many prefixes, without aliases, and not both', () => {
    const { connectionId, modulePrefix } = plugin.find;
    for (const parameter of [connectionId, modulePrefix]) {
      expect(parameter).toMatchObject({ type: 'string', many: true, names: true });
      expect(Object.hasOwn(parameter, 'aliases')).toBe(false);
    }
    expect([connectionId.excludes, modulePrefix.excludes]).toEqual([['modulePrefix'], ['connectionId']]);
  });
});

describe('the other cmdlets', () => {
  it('are one provider', () => {
    expect(plugin.cmdlets?.map(({ name, verb, values }) => [name, verb, values])).toEqual([
      ['Connect-ExchangeOnline', 'connect', { kind: 'exchange' }],
      ['Connect-IPPSSession', 'connect', { kind: 'ipps' }],
      ['Get-ConnectionInformation', 'list', undefined],
      ['Disconnect-ExchangeOnline', 'disconnect', undefined],
    ]);
  });
});

describe('an environment', () => {
  it.each([
    ['O365Default', 'https://outlook.office365.com', 'https://login.microsoftonline.com'],
    ['O365USGovGCCHigh', 'https://outlook.office365.us', 'https://login.microsoftonline.us'],
    ['O365USGovDoD', 'https://outlook-dod.office365.us', 'https://login.microsoftonline.us'],
    ['O365China', 'https://partner.outlook.cn', 'https://login.chinacloudapi.cn'],
    ['O365GermanyCloud', 'https://outlook.office.de', 'https://login.microsoftonline.de'],
  ])('%s is known by name', (exchangeEnvironmentName, origin, login) => {
    expect(placeOf({ exchangeEnvironmentName }, [])).toMatchObject({ origin, environment: { login } });
  });

  it.each([
    ['https://outlook.office365.us/powershell-liveid', 'USGov', 'https://outlook.office365.us'],
    ['https://webmail.apps.mil/powershell-liveid', 'USGovDoD', 'https://outlook-dod.office365.us'],
    ['https://partner.outlook.cn/PowerShell-liveid', 'China', 'https://partner.outlook.cn'],
    ['https://eurprd05.outlook.office365.com', 'Global', 'https://eurprd05.outlook.office365.com'],
  ])('is found by the address %s', (connectionUri, name, origin) => {
    expect(placeOf({ connectionUri }, [])).toMatchObject({ origin, environment: { name } });
  });

  it('of Security & Compliance is found by its address too', () => {
    const connectionUri = 'https://ps.compliance.protection.outlook.com/powershell-liveid/';
    expect(placeOf({ kind: 'ipps', connectionUri }, [])).toMatchObject({
      origin: 'https://ps.compliance.protection.outlook.com',
      environment: { name: 'Global' },
    });
  });

  it('is made of addresses that nobody knows, with tokens that are for these alone', () => {
    const connectionUri = 'https://exchange.example';
    const { environment, origin } = placeOf({ connectionUri }, []);
    expect([environment.type, environment.exchange, origin]).toEqual([
      'User-defined',
      connectionUri,
      connectionUri,
    ]);
    expect(environment.hostSuffixes).toEqual([]);
  });

  it('takes the tenant from the sign-in address, where it names one', () => {
    const login = 'https://login.microsoftonline.com';
    const tenantIn = (path: string) =>
      placeOf({ azureADAuthorizationEndpointUri: `${login}/${path}` }, []).tenant;
    expect(['organizations', 'common', '', 'contoso.com'].map(tenantIn)).toEqual([
      undefined,
      undefined,
      undefined,
      'contoso.com',
    ]);
  });

  it('without Security & Compliance asks for its address', () => {
    const values = { kind: 'ipps', exchangeEnvironmentName: 'O365USGovDoD' } as const;
    expect(() => placeOf(values, [])).toThrow('Security & Compliance');
    const connectionUri = 'https://l5.ps.compliance.protection.office365.us';
    expect(placeOf({ ...values, connectionUri }, []).origin).toBe(connectionUri);
  });

  it('of one’s own comes before one of the same name', () => {
    const [global] = ENVIRONMENTS;
    if (global === undefined) throw new Error('There are no environments.');
    const own = { ...global, exchange: 'https://outlook.own.example' };
    expect(placeOf({}, [own]).origin).toBe('https://outlook.own.example');
  });
});
