import { describe, expect, it } from '@jest/globals';
import { computerOf, endpointOf, isLocal, namesConnection, targetOf, urlOf } from './wsman-target.ts';

describe('a computer', () => {
  it.each([undefined, '', '.', 'localhost'])('%p is this one', (name) => {
    expect([computerOf(name), isLocal(name)]).toEqual(['localhost', true]);
  });

  it.each([
    [{ computerName: 'server01' }, 'http://server01:5985/wsman', 'server01'],
    [
      { computerName: 'Server01.corp.example', useSsl: true },
      'https://Server01.corp.example:5986/wsman',
      'Server01.corp.example',
    ],
    [{ computerName: '192.0.2.7', port: 80 }, 'http://192.0.2.7:80/wsman', '192.0.2.7:80'],
    [{ computerName: '2001:db8::7' }, 'http://[2001:db8::7]:5985/wsman', '2001:db8::7'],
    [{ computerName: '[2001:db8::7]', port: 8080 }, 'http://[2001:db8::7]:8080/wsman', '[2001:db8::7]:8080'],
    [
      { computerName: 'server01', applicationName: 'powershell/x' },
      'http://server01:5985/powershell/x',
      'server01',
    ],
    [{}, 'http://localhost:5985/wsman', 'localhost'],
    [{ computerName: '.', port: 15985 }, 'http://localhost:15985/wsman', 'localhost:15985'],
    [{ connectionUri: 'https://server01:5986/wsman' }, 'https://server01:5986/wsman', 'server01'],
    [{ connectionUri: 'HTTP://server01' }, 'http://server01:5985/wsman', 'server01'],
    [{ connectionUri: 'http://[::1]:47001/' }, 'http://[::1]:47001/wsman', '[::1]:47001'],
  ])('%j is at %s', (values, url, endpoint) => {
    const target = targetOf(values);
    expect([urlOf(target), endpointOf(target)]).toEqual([url, endpoint]);
  });

  it.each([
    'server01',
    'ftp://server01',
    'http://',
    'http://u:p@server01',
    'http://server01:0',
    'http://server01:99999',
    'http://s/?q',
    'http://a b/',
  ])('is not in %j', (connectionUri) => {
    expect(() => targetOf({ connectionUri })).toThrow('no connection URI');
  });
});

describe('a connection', () => {
  const details = { computerName: 'Server01', port: 5985, path: '/wsman' };

  it.each(['Server01', 'SERVER01', 'server01:5985', 'server01:5985/wsman', '3'])('is named by %s', (text) => {
    expect(namesConnection(text, '3', details)).toBe(true);
  });

  it.each(['server0', 'server011', 'server01.corp.example', 'server01:5986', '2', '*'])(
    'is not named by %s',
    (text) => {
      expect(namesConnection(text, '3', details)).toBe(false);
    },
  );
});
