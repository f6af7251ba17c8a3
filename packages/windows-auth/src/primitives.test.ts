import { expect, it, describe } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { cmac, kdf } from './index.ts';
import { counterMode } from './kdf.ts';
import { md4 } from './md4.ts';
import { Rc4 } from './rc4.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

describe('MD4 (RFC 1320 A.5)', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('%p', (message, digest) => {
    expect(md4(Buffer.from(message)).toString('hex')).toBe(digest);
  });
});

describe('RC4 (RFC 6229)', () => {
  it.each([
    [
      '0102030405',
      'b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919',
      'ff25b58995996707e51fbdf08b34d875',
    ],
    [
      '0102030405060708090a0b0c0d0e0f10',
      '9ac7cc9a609d1ef7b2932899cde41b975248c4959014126a6e8a84f11d1a9e1c',
      'a36a4c301ae8ac13610ccbc12256cacc',
    ],
  ])('with the key %s', (key, first, at4096) => {
    const stream = new Rc4(hex(key)).update(Buffer.alloc(4112));
    expect(stream.subarray(0, 32).toString('hex')).toBe(first);
    expect(stream.subarray(4096).toString('hex')).toBe(at4096);
  });

  it('goes on where the last call ended', () => {
    const stream = new Rc4(hex('0102030405'));
    const parts = [1, 6, 0, 25].map((size) => stream.update(Buffer.alloc(size)));
    expect(Buffer.concat(parts)).toEqual(new Rc4(hex('0102030405')).update(Buffer.alloc(32)));
  });
});

describe('AES-CMAC (RFC 4493 section 4; NIST SP 800-38B D.3)', () => {
  const message = hex(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  );
  const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
  it.each([
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ])('of %i octets', (length, mac) => {
    expect(cmac(key, message.subarray(0, length)).toString('hex')).toBe(mac);
  });

  it('with a key of 256 bits', () => {
    const long = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
    expect(cmac(long, message.subarray(0, 16)).toString('hex')).toBe('28a7023f452e8f82bd4bf28d8c37c35c');
  });
});

describe('key derivation in counter mode (NIST SP 800-108)', () => {
  it('of the validation program: HMAC-SHA256, a counter of 32 bits in front', () => {
    const key = hex('dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0');
    const fixed = hex(
      '01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac',
    );
    expect(counterMode(key, fixed, 16).toString('hex')).toBe('10621342bfb0fd40046c0e29f2cfdbf0');
  });

  // "SMB 2 and SMB 3 security in Windows 10: the anatomy of signing and cryptographic keys", Open Specifications blog.
  it('of SMB 3.1.1, from a handshake of Windows', () => {
    const context = hex(
      '0DD13628CC3ED218EF9DF9772D436D0887AB9814BFAE63A80AA845F36909DB7928622DDDAD522D9751640A459762C5A9D6BB084CBB3CE6BDADEF5D5BCE3C6C01',
    );
    const key = kdf(hex('270E1BA896585EEB7AF3472D3B4C75A7'), Buffer.from('SMBSigningKey\0'), context, 16);
    expect(key.toString('hex')).toBe('73fe7a9a77bef0bde49c650d8ccb5f76');
  });

  it('numbers the blocks of what is longer than one', () => {
    const [key, label, context] = [Buffer.alloc(16, 1), Buffer.from('label'), Buffer.from('context')];
    const block = (counter: number) =>
      createHmac('sha256', key)
        .update(Buffer.from([0, 0, 0, counter]))
        .update(Buffer.concat([label, Buffer.alloc(1), context, hex('00000180')]))
        .digest();
    expect(kdf(key, label, context, 48)).toEqual(Buffer.concat([block(1), block(2)], 48));
  });
});
