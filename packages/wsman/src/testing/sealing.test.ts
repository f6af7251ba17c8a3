import { describe, expect, it } from '@jest/globals';
import { SOAP_TYPE, isSealed, readSealed, writeSealed } from './sealing.ts';

const body = {
  token: Buffer.from('0123456789abcdef'),
  // What looks like a boundary may stand in data.
  data: Buffer.from('\x00--Encrypted Boundary--\r\n\xff', 'latin1'),
  originalType: SOAP_TYPE,
  length: 27,
};
body.length = body.data.length;
const written = writeSealed(body);
const text = written.toString('latin1');
const change = (from: string | RegExp, to: string) =>
  readSealed(Buffer.from(text.replace(from, to), 'latin1'));

describe('a sealed body', () => {
  it('is what MS-WSMV 2.2.9.1 says', () => {
    expect(text).toBe(
      '--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n' +
        `\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=${body.length}\r\n` +
        '--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n' +
        '\x10\x00\x00\x000123456789abcdef\x00--Encrypted Boundary--\r\n\xff--Encrypted Boundary--\r\n',
    );
    expect(readSealed(written)).toEqual(body);
    expect(isSealed('multipart/encrypted;protocol="x";boundary="y"')).toBe(true);
    expect(isSealed('multipart/form-data;boundary="y"')).toBe(false);
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
    expect(change(/--Encrypted Boundary--\r\n$/, '-- Encrypted Boundary--')).toEqual(body);
  });
});
