import { describe, expect, it } from '@jest/globals';
import { hostAddress } from './host-address.ts';

describe('a host', () => {
  it.each<[string, number | undefined, string, string, number]>([
    ['SERVER01', undefined, 'SERVER01', 'SERVER01', 445],
    ['SERVER01:445', undefined, 'SERVER01', 'SERVER01', 445],
    ['SERVER01:4450', undefined, 'SERVER01:4450', 'SERVER01', 4450],
    ['server01.example', 4450, 'server01.example:4450', 'server01.example', 4450],
    ['server01:4451', 4450, 'server01:4451', 'server01', 4451],
    ['192.0.2.7', undefined, '192.0.2.7', '192.0.2.7', 445],
    ['[2001:db8::7]', undefined, '[2001:db8::7]', '2001:db8::7', 445],
    ['[::1]:4450', undefined, '[::1]:4450', '::1', 4450],
  ])('written %s (port %s) is %s', (text, given, endpoint, host, port) => {
    expect(hostAddress(text, given)).toEqual({ endpoint, host, port });
    expect(hostAddress(endpoint)).toEqual({ endpoint, host, port });
  });

  it.each(['', 'a b', 'SERVER01:0', 'SERVER01:70000', 'SERVER01:port', '[::1', '::1', 'a/b', 'a\\b', 'a$'])(
    'is not "%s"',
    (text) => {
      expect(() => hostAddress(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    },
  );
});
