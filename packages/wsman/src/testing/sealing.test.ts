import { describe, expect, it } from '@jest/globals';
import { isSealed, readSealed, sealedType, SOAP_TYPE, writeSealed } from './sealing.ts';

const PROTOCOL = 'application/HTTP-SPNEGO-session-encrypted';
// What looks like a boundary may stand in data.
const DATA = '\x00--Encrypted Boundary--\r\n\xff';
const part = {
  originalType: SOAP_TYPE,
  length: DATA.length,
  tokenLength: 16,
  encrypted: Buffer.from(`0123456789abcdef${DATA}`, 'latin1'),
};
const read = (body: Buffer) => readSealed(body, PROTOCOL, ({ tokenLength, length }) => tokenLength + length);
const written = writeSealed(PROTOCOL, [part]);
const text = written.toString('latin1');
const change = (from: string | RegExp, to: string) => read(Buffer.from(text.replace(from, to), 'latin1'));

describe('a sealed body', () => {
  it('is what MS-WSMV 2.2.9.1 says', () => {
    expect(text).toBe(
      '--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n' +
        `\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=${DATA.length}\r\n` +
        '--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n' +
        '\x10\x00\x00\x000123456789abcdef\x00--Encrypted Boundary--\r\n\xff--Encrypted Boundary--\r\n',
    );
    expect(read(written)).toEqual([part]);
    expect(sealedType(PROTOCOL)).toBe(
      `multipart/encrypted;protocol="${PROTOCOL}";boundary="Encrypted Boundary"`,
    );
    for (const kind of ['encrypted', 'x-multi-encrypted'] as const)
      expect(isSealed(sealedType(PROTOCOL, kind))).toBe(true);
    expect(isSealed('multipart/form-data;boundary="y"')).toBe(false);
  });

  it('may have several parts', () => {
    const parts = [part, { ...part, length: 3, encrypted: Buffer.from('0123456789abcdefxyz') }, part];
    expect(read(writeSealed(PROTOCOL, parts))).toEqual(parts);
    expect(read(writeSealed(PROTOCOL, []))).toBeUndefined();
  });

  it.each([
    ['with spaces for tabs', '\t', '  '],
    ['with bare line ends', '\r\n', '\n'],
    ['with another protocol', 'SPNEGO-session', 'Kerberos-session'],
    ['with another length', /Length=\d+/, 'Length=3'],
    ['with a length beyond its end', /Length=\d+/, 'Length=99999'],
    ['without a length', /;Length=\d+/, ''],
    ['with a token beyond its end', '\x10\x00\x00\x00', '\xff\xff\xff\xff'],
    ['with names in other letters', 'OriginalContent', 'originalcontent'],
    ['without an end', /--Encrypted Boundary--\r\n$/, ''],
  ])('is refused %s', (_, from, to) => {
    expect(change(from, to)).toBeUndefined();
  });

  it('may end with a space, as Exchange writes it, and without a line end', () => {
    expect(change(/--Encrypted Boundary--\r\n$/, '-- Encrypted Boundary--')).toEqual([part]);
  });
});
