import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MsrpcError } from './errors.ts';
import { SmbSealer } from './smb-encryption.ts';
import { deriveKeys, PreauthHash, type SmbKeys } from './smb-keys.ts';
import { signatureOf } from './smb-message.ts';
import { SmbSigner } from './smb-signing.ts';

/**
 * Two exchanges of SESSION_SETUP between Windows computers, and encrypted answers of others, as Microsoft's Open Specifications blog
 * published them ("SMB 3.1.1 Pre-authentication integrity in Windows 10", "SMB 2 and SMB 3 security in Windows 10",
 * "Encryption in SMB 3.0", "SMB 3.1.1 Encryption in Windows 10").
 */
const WINDOWS = Object.fromEntries(
  Object.entries(
    JSON.parse(readFileSync(new URL('windows-handshake.json', import.meta.url), 'utf8')) as Record<
      string,
      string
    >,
  ).map(([name, value]) => [name, Buffer.from(value, 'hex')]),
) as Record<
  'hashBefore' | 'request1' | 'response1' | 'request2' | 'response2' | 'hashAfter' | 'ccm' | 'gcm',
  Buffer
>;

const hex = (text: string) => Buffer.from(text, 'hex');
const written = (keys: SmbKeys) =>
  [keys.signing, keys.encrypting, keys.decrypting].map((key) => key.toString('hex'));

const KEYS_311 = deriveKeys(hex('270E1BA896585EEB7AF3472D3B4C75A7'), {
  dialect: '3.1.1',
  cipher: 'aes-128-gcm',
  preauth: WINDOWS.hashAfter,
});

describe('keys', () => {
  it('of 3.0 are those that were published', () => {
    const preauth = Buffer.alloc(64);
    const sessionKey = hex('7CD451825D0450D235424E44BA6E78CC');
    expect(written(deriveKeys(sessionKey, { dialect: '3.0', cipher: 'aes-128-ccm', preauth }))).toEqual([
      '0b7e9c5cac36c0f6ea9ab275298cedce',
      'fad27796665b313ebb578f388632b4f7',
      'b0f0427f7ceb416d1d9dcc0cd4f99447',
    ]);
  });

  it('of 3.1.1 are those that were published', () => {
    expect(written(KEYS_311)).toEqual([
      '73fe7a9a77bef0bde49c650d8ccb5f76',
      '629bcbc54422a0f572b97f45989b6073',
      'e2af0dcefac68da71a0dfbd0d1350d74',
    ]);
  });

  it('of AES-256 are twice as long, and sign with the same', () => {
    const keys = deriveKeys(hex('270E1BA896585EEB7AF3472D3B4C75A7'), {
      dialect: '3.1.1',
      cipher: 'aes-256-gcm',
      preauth: WINDOWS.hashAfter,
    });
    expect([keys.encrypting.length, keys.decrypting.length]).toEqual([32, 32]);
    expect(keys.signing).toEqual(KEYS_311.signing);
  });

  it('of SMB 2 are the session key itself', () => {
    const keys = deriveKeys(hex('00112233445566778899aabbccddeeff01'), {
      dialect: '2.1',
      cipher: undefined,
      preauth: Buffer.alloc(64),
    });
    expect(keys.signing.toString('hex')).toBe('00112233445566778899aabbccddeeff');
  });
});

describe('the hash of what came before', () => {
  it('is that of Windows, without the last answer', () => {
    const hash = new PreauthHash(WINDOWS.hashBefore);
    for (const message of [WINDOWS.request1, WINDOWS.response1, WINDOWS.request2]) hash.add(message);
    expect(hash.value).toEqual(WINDOWS.hashAfter);
  });

  it('begins with zeros', () => {
    expect(new PreauthHash().value).toEqual(Buffer.alloc(64));
  });
});

describe('signatures', () => {
  it('of a Windows server are believed, and no altered one', () => {
    const signer = new SmbSigner('aes-cmac', KEYS_311.signing);
    expect(signer.isSigned(WINDOWS.response2)).toBe(true);
    const altered = Buffer.from(WINDOWS.response2);
    altered[70]! ^= 1;
    expect(signer.isSigned(altered)).toBe(false);
    expect(signer.isSigned(WINDOWS.response1)).toBe(false);
  });

  it('are made as Windows makes them', () => {
    const message = Buffer.from(WINDOWS.response2);
    signatureOf(message).fill(0xaa);
    new SmbSigner('aes-cmac', KEYS_311.signing).sign(message);
    expect(message).toEqual(WINDOWS.response2);
  });

  it.each(['hmac-sha256', 'aes-cmac', 'aes-gmac'] as const)('with %s depend on every octet', (algorithm) => {
    const signer = new SmbSigner(algorithm, Buffer.alloc(16, 7));
    const message = Buffer.alloc(100, 3);
    signer.sign(message);
    expect(signer.isSigned(message)).toBe(true);
    for (let at = 0; at < message.length; at += 1) {
      const altered = Buffer.from(message);
      altered[at]! ^= 8;
      expect(signer.isSigned(altered)).toBe(false);
    }
  });
});

describe('encryption', () => {
  const CCM = deriveKeys(hex('B4546771B515F766A86735532DD6C4F0'), {
    dialect: '3.0',
    cipher: 'aes-128-ccm',
    preauth: Buffer.alloc(64),
  });
  const GCM = deriveKeys(hex('419FDDF34C1E001909D362AE7FB6AF79'), {
    dialect: '3.1.1',
    cipher: 'aes-128-gcm',
    preauth: hex(
      'B23F3CBFD69487D9832B79B1594A367CDD950909B774C3A4C412B4FCEA9EDDDBA7DB256BA2EA30E977F11F9B113247578E0E915C6D2A513B8F2FCA5707DC8770',
    ),
  });

  it.each([
    ['aes-128-ccm', CCM, WINDOWS.ccm, 4n],
    ['aes-128-gcm', GCM, WINDOWS.gcm, 5n],
  ] as const)('of Windows is undone, with %s', (cipher, keys, frame, messageId) => {
    const message = new SmbSealer(cipher, keys, frame.readBigUInt64LE(44)).decrypt(frame);
    expect(message.toString('latin1', 0, 4)).toBe('\xfeSMB');
    expect([message.length, message.readUInt16LE(12), message.readBigUInt64LE(24)]).toEqual([
      80,
      9,
      messageId,
    ]);
  });

  it.each(['aes-128-ccm', 'aes-128-gcm', 'aes-256-ccm', 'aes-256-gcm'] as const)(
    'with %s depends on every octet',
    (cipher) => {
      const key = Buffer.alloc(cipher.includes('256') ? 32 : 16, 9);
      const keys = { signing: key, encrypting: key, decrypting: key };
      const sealer = new SmbSealer(cipher, keys, 5n);
      const frame = sealer.encrypt(Buffer.from('attack at dawn'));
      expect(sealer.decrypt(frame).toString()).toBe('attack at dawn');
      for (let at = 4; at < frame.length; at += 1) {
        const altered = Buffer.from(frame);
        altered[at]! ^= 1;
        expect(() => sealer.decrypt(altered)).toThrow(MsrpcError);
      }
      expect(() => sealer.decrypt(frame.subarray(0, 52))).toThrow(MsrpcError);
    },
  );

  it('never uses a nonce twice', () => {
    const sealer = new SmbSealer('aes-128-gcm', GCM, 5n);
    const nonces = Array.from({ length: 300 }, () => sealer.encrypt(Buffer.of(1)).toString('hex', 20, 32));
    expect(new Set(nonces).size).toBe(300);
  });
});
