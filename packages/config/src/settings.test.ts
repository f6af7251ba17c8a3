import { describe, expect, it } from '@jest/globals';
import { parseDuration } from './duration.ts';
import { parseResolveRule, settingsFrom } from './settings.ts';

describe('settings', () => {
  it('are taken from flags, then variables, then config.json', () => {
    const config = { output: 'csv', timeout: 5, caFile: ['/c.pem'], resolve: ['c:127.0.0.3:3'] } as const;
    const environment = {
      SLIPLINE_OUTPUT: 'JSON',
      SLIPLINE_TIMEOUT: '2m',
      SLIPLINE_CA_FILE: '/e.pem',
      SLIPLINE_RESOLVE: 'a:127.0.0.1:1, b:443:127.0.0.2:2',
    };
    expect(settingsFrom({}, {}, {})).toEqual({
      output: 'table',
      resolve: [],
      caFiles: [],
      timeout: undefined,
    });
    expect(settingsFrom({}, {}, config)).toEqual({
      output: 'csv',
      timeout: 5000,
      caFiles: ['/c.pem'],
      resolve: [{ host: 'c', address: '127.0.0.3', toPort: 3 }],
    });
    expect(settingsFrom({}, environment, config)).toEqual({
      output: 'json',
      timeout: 120_000,
      caFiles: ['/e.pem'],
      resolve: [
        { host: 'a', address: '127.0.0.1', toPort: 1 },
        { host: 'b', port: 443, address: '127.0.0.2', toPort: 2 },
      ],
    });
    const flags = { output: 'none', caFile: '/f.pem', resolve: ['f:[::1]:8443'] } as const;
    expect(settingsFrom(flags, environment, config)).toMatchObject({
      output: 'none',
      caFiles: ['/f.pem'],
      resolve: [{ host: 'f', address: '[::1]', toPort: 8443 }],
    });
  });

  it('count an empty variable as absent', () => {
    const environment = {
      SLIPLINE_OUTPUT: '',
      SLIPLINE_TIMEOUT: '',
      SLIPLINE_CA_FILE: '',
      SLIPLINE_RESOLVE: '',
    };
    expect(settingsFrom({}, environment, {})).toEqual(settingsFrom({}, {}, {}));
  });

  it.each([
    [{ SLIPLINE_OUTPUT: 'xml' }, /SLIPLINE_OUTPUT is one of/],
    [{ SLIPLINE_TIMEOUT: 'soon' }, /SLIPLINE_TIMEOUT is not a duration/],
    [{ SLIPLINE_RESOLVE: 'nonsense' }, /"nonsense" does not say where a name is/],
  ])('refuse %j', (environment, message) => {
    expect(() => settingsFrom({}, environment, {})).toThrow(message);
  });
});

describe('a resolve rule', () => {
  it.each([
    '',
    'a',
    'a:b',
    'a:1',
    'a:b:0',
    'a:b:70000',
    'a:0:b:1',
    ':b:1',
    'a:b:1:2:3',
    'a:::1:443',
    'a b:c:1',
  ])('is not "%s"', (text) => {
    expect(() => parseResolveRule(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});

describe('a duration', () => {
  it.each([
    ['30', 30_000],
    ['30s', 30_000],
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text, '--timeout')).toBe(milliseconds);
  });

  it.each(['', '0', '-1', '1.5s', '5 s', '5w', 's', '999999999d'])('is not "%s"', (text) => {
    expect(() => parseDuration(text, '--timeout')).toThrow(/--timeout is not a duration/);
  });
});
