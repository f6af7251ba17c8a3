import { describe, expect, it } from '@jest/globals';
import { outboundPolicy } from './outbound.ts';

const allows = (listed: readonly string[], host: string, port = 443): boolean =>
  outboundPolicy(listed).allow({ host, port });
const dials = (listed: readonly string[], host: string, address: string, port = 443): boolean =>
  outboundPolicy(listed).allowAddress({ host, port, address });

describe('by name', () => {
  it('denies everything where nothing is listed', () => {
    for (const host of ['ov1.example', '10.1.2.3', '127.0.0.1', '::1', 'localhost']) {
      expect(allows([], host)).toBe(false);
      expect(dials([], host, '10.1.2.3')).toBe(false);
    }
  });

  it.each([
    ['ov1.example', 'ov1.example', true],
    ['ov1.example', 'OV1.Example', true],
    ['ov1.example', 'ov1.example.', true],
    ['OV1.EXAMPLE.', 'ov1.example', true],
    ['ov1.example', 'ov2.example', false],
    ['ov1.example', 'xov1.example', false],
    ['ov1.example', 'ov1.example.evil.test', false],
    ['*.corp.example', 'a.corp.example', true],
    ['*.corp.example', 'a.b.corp.example', true],
    ['*.corp.example', 'corp.example', false],
    ['*.corp.example', 'evilcorp.example', false],
    ['münchen.example', 'xn--mnchen-3ya.example', true],
    ['xn--mnchen-3ya.example', 'MÜNCHEN.example', true],
    ['ov1.example', 'ov1。example', true],
    ['ov1.example', 'ov1.example@evil.test', false],
    ['ov1.example', 'evil.test#ov1.example', false],
    ['ov1.example', 'evil.test/ov1.example', false],
    ['ov1.example', 'ov1.example%00.evil.test', false],
    ['ov1.example', '', false],
    ['ov1.example', '.', false],
    ['ov1.example', `${'a.'.repeat(200)}example`, false],
  ])('%s listed, %s asked: %s', (listed, host, answer) => {
    expect(allows([listed], host)).toBe(answer);
  });

  it('holds to the port, where one is listed', () => {
    expect(allows(['ov1.example:443'], 'ov1.example', 443)).toBe(true);
    expect(allows(['ov1.example:443'], 'ov1.example', 22)).toBe(false);
    expect(allows(['ov1.example'], 'ov1.example', 22)).toBe(true);
    expect(dials(['ov1.example:443'], 'ov1.example', '10.1.2.3', 22)).toBe(false);
    expect(allows(['[fd00::1]:5986'], 'fd00::1', 5986)).toBe(true);
    expect(allows(['[fd00::1]:5986'], '[fd00::1]', 5985)).toBe(false);
    expect(allows(['fd00::/16'], 'fd00::5986', 1)).toBe(true);
  });
});

describe('by address', () => {
  it.each([
    ['10.1.0.0/16', '10.1.2.3', true],
    ['10.1.0.0/16', '10.2.0.1', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '167838211', true],
    ['10.1.2.3', '0xa.1.2.3', true],
    ['10.1.2.3', '012.1.2.3', true],
    ['10.1.2.3', '10.66051', true],
    ['10.1.2.3', '::ffff:10.1.2.3', true],
    ['10.1.2.3', '[::ffff:a01:203]', true],
    ['::ffff:10.1.0.0/112', '10.1.9.9', true],
    ['fd00:1::/32', 'FD00:1::9', true],
    ['fd00:1::/32', 'fd00:2::9', false],
  ])('%s listed, %s asked: %s', (listed, host, answer) => {
    expect(allows([listed], host)).toBe(answer);
  });

  it('lets a name that is not listed reach addresses that are, and no other', () => {
    const listed = ['10.1.0.0/16:5986'];
    expect(allows(listed, 'server01', 5986)).toBe(true);
    expect(dials(listed, 'server01', '10.1.2.3', 5986)).toBe(true);
    expect(dials(listed, 'server01', '10.2.2.3', 5986)).toBe(false);
    expect(allows(listed, 'server01', 22)).toBe(false);
  });

  it('does not let names by, where a proxy would look them up', () => {
    const { allow } = outboundPolicy(['10.1.0.0/16', 'ov1.example'], { isByProxy: true });
    expect(allow({ host: 'server01', port: 443 })).toBe(false);
    expect(allow({ host: 'ov1.example', port: 443 })).toBe(true);
    expect(allow({ host: '10.1.2.3', port: 443 })).toBe(true);
  });
});

const SPECIAL = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '169.254.169.254',
  '169.254.1.1',
  '192.0.0.192',
  '100.100.100.200',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2001:0:1234::1',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'fd00:ec2::254',
  'fd20:ce::254',
];

describe('addresses that no name makes reachable', () => {
  it.each(SPECIAL)('%s, behind a name that is listed', (address) => {
    expect(dials(['rebound.example', '*.example'], 'rebound.example', address)).toBe(false);
  });

  it.each(SPECIAL)('%s, in ranges of everything', (address) => {
    expect(allows(['0.0.0.0/0', '::/0'], address)).toBe(false);
    expect(dials(['0.0.0.0/0', '::/0'], 'server01', address)).toBe(false);
  });

  it.each(SPECIAL.filter((address) => !address.includes('%')))('%s, listed as such', (address) => {
    expect(allows([address], address)).toBe(true);
    expect(dials([address], 'server01', address)).toBe(true);
  });

  it.each(['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '127.0.0.1.', '0', '①27.0.0.1', '[::1]'])(
    'in another spelling: %s',
    (host) => {
      expect(allows(['ov1.example', '0.0.0.0/0', '::/0'], host)).toBe(false);
    },
  );

  it('are reachable once they are listed by address, for that port', () => {
    expect(allows(['127.0.0.1:8443'], '127.0.0.1', 8443)).toBe(true);
    expect(allows(['127.0.0.1:8443'], '::ffff:127.0.0.1', 8443)).toBe(true);
    expect(allows(['127.0.0.1:8443'], '127.0.0.1', 22)).toBe(false);
    expect(allows(['127.0.0.0/8'], '127.0.0.2', 22)).toBe(true);
    expect(dials(['ov1.example', '127.0.0.1:8443'], 'ov1.example', '127.0.0.1', 8443)).toBe(true);
    expect(dials(['ov1.example', '127.0.0.1:8443'], 'ov1.example', '127.0.0.2', 8443)).toBe(false);
  });

  it('what is no address is not dialled', () => {
    for (const address of ['', 'ov1.example', '10.1.2', '1.2.3.4.5', ':::', '10.1.2.3/8'])
      expect(dials(['ov1.example', '0.0.0.0/0'], 'ov1.example', address)).toBe(false);
  });
});

describe('entries that are none', () => {
  it.each([
    '',
    '*',
    '*.*',
    'a.*.example',
    'ov1.example:0',
    'ov1.example:99999',
    'https://ov1.example',
    'ov1.example/',
    '10.1.0.0/33',
    '10.1.2.3/16',
    '10.1.2.300',
    '[fd00::1',
    '[ov1.example]',
    'fd00::1%eth0',
    '0x7f.1',
    'user@ov1.example',
    'ov1 example',
  ])('%j is refused', (entry) => {
    expect(() => outboundPolicy([entry])).toThrow(/outbound: .* is not a target/);
  });

  it.each(['localhost', 'localhost:8443', 'x.localhost'])('%s has to be listed by address', (entry) => {
    expect(() => outboundPolicy([entry])).toThrow(/is listed by its address/);
  });
});
