import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from '@slipline/core';
import type { SecurityContext } from '@slipline/windows-auth';
import { isSealed, readParts, seal, unseal } from './wsman-sealing.ts';

/** Turns every octet over; the token says how long the data is, and `slack` octets lie around it as TLS has them. */
function turning(tokenLength: number, slack = 0): SecurityContext {
  const turned = (data: Uint8Array): Buffer => Buffer.from(data.map((octet) => octet ^ 0xff));
  const context: Pick<SecurityContext, 'wrap' | 'unwrap'> = {
    wrap: (data) => ({
      token: Buffer.alloc(tokenLength, 7),
      data: Buffer.concat([turned(data), Buffer.alloc(slack, 8)]),
    }),
    unwrap: ({ data }) => turned(data.subarray(0, data.length - slack)),
  };
  return context as SecurityContext;
}

describe('a sealed message', () => {
  it('is framed as MS-WSMV 2.2.9.1 has it', () => {
    const { contentType, body } = seal(turning(4), 'Negotiate', 'ab');
    expect(contentType).toBe(
      'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"',
    );
    expect(body.toString('latin1')).toBe(
      '--Encrypted Boundary\r\n' +
        '\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n' +
        '\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=2\r\n' +
        '--Encrypted Boundary\r\n' +
        '\tContent-Type: application/octet-stream\r\n' +
        '\x04\0\0\0\x07\x07\x07\x07\x9e\x9d--Encrypted Boundary--\r\n',
    );
  });

  it.each([
    ['Kerberos', 'application/HTTP-Kerberos-session-encrypted'],
    ['CredSSP', 'application/HTTP-CredSSP-session-encrypted'],
  ] as const)('of %s names its protocol', (scheme, protocol) => {
    const { contentType, body } = seal(turning(60), scheme, 'x');
    expect(contentType).toContain(`multipart/encrypted;protocol="${protocol}"`);
    expect(unseal(turning(60), body)).toBe('x');
  });

  it('of CredSSP goes in parts of 16 KiB', () => {
    const text = 'ä'.repeat(20_000);
    const { contentType, body } = seal(turning(16, 13), 'CredSSP', text);
    expect(contentType).toMatch(/^multipart\/x-multi-encrypted;/);
    expect(readParts(body).map(({ length }) => length)).toEqual([16_384, 16_384, 7232]);
    expect(unseal(turning(16, 13), body)).toBe(text);
  });

  it.each([0, 1, 16_384, 100_000])('of %i octets is opened again', (size) => {
    const text = 'x'.repeat(size);
    expect(unseal(turning(16), seal(turning(16), 'Negotiate', text).body)).toBe(text);
  });

  it('may hold what looks like a boundary', () => {
    const text = Buffer.from('--Encrypted Boundary--\r\n')
      .map((octet) => octet ^ 0xff)
      .toString();
    const plain = 'a--Encrypted Boundary\r\n--Encrypted Boundary--\r\nb' + text;
    const identity = {
      wrap: (data: Uint8Array) => ({ token: Buffer.alloc(16), data }),
      unwrap: ({ data }: { data: Uint8Array }) => data,
    };
    const context = identity as unknown as SecurityContext;
    expect(unseal(context, seal(context, 'Negotiate', plain).body)).toBe(plain);
  });

  it('may come with the spaces that Exchange writes', () => {
    const { body } = seal(turning(4), 'Negotiate', 'ab');
    const spaced = Buffer.from(
      body.toString('latin1').replaceAll('--Encrypted Boundary', '-- Encrypted Boundary'),
      'latin1',
    );
    expect(unseal(turning(4), spaced)).toBe('ab');
  });

  it.each([
    ['half of it', (body: Buffer) => body.subarray(0, body.length / 2)],
    ['no end', (body: Buffer) => body.subarray(0, -10)],
    ['more behind it', (body: Buffer) => Buffer.concat([body, body])],
    [
      'another length',
      (body: Buffer) => Buffer.from(body.toString('latin1').replace('Length=2', 'Length=3'), 'latin1'),
    ],
    [
      'a token longer than all',
      (body: Buffer) =>
        Buffer.from(body.toString('latin1').replace('\x04\0\0\0', '\xff\xff\xff\x7f'), 'latin1'),
    ],
    ['nothing', () => Buffer.alloc(0)],
  ])('with %s is refused', (_what, spoil) => {
    const { body } = seal(turning(4), 'Negotiate', 'ab');
    expect(() => unseal(turning(4), spoil(body))).toThrow(DisconnectError);
  });

  it('is told from others by its type', () => {
    expect(
      [
        'multipart/encrypted;x',
        ' Multipart/X-Multi-Encrypted',
        'multipart/mixed',
        'application/soap+xml',
      ].map(isSealed),
    ).toEqual([true, true, false, false]);
  });
});
