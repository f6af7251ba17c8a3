import { expect, it, describe } from '@jest/globals';
import { readAvPairs, valueOf, writeAvPairs } from './av-pairs.ts';
import { ntlm, type NtlmSettings } from './index.ts';
import {
  clientBlob,
  directionKey,
  expectMd5,
  hmacMd5,
  lmResponse,
  proofOf,
  responseKey,
  sealedKey,
} from './ntlm-keys.ts';
import { MIC_OFFSET, readChallenge, writeAuthenticate } from './ntlm-messages.ts';
import { NtlmStream } from './ntlm-stream.ts';
import { WINDOWS } from './windows-handshake.test.support.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

// MS-NLMP 4.2.1.
const clientChallenge = Buffer.alloc(8, 0xaa);
const nonces = { serverChallenge: hex('0123456789abcdef'), clientChallenge };
const sessionKey = Buffer.alloc(16, 0x55);
const targetInfo = writeAvPairs([
  { id: 2, value: utf16('Domain') },
  { id: 1, value: utf16('Server') },
]);
// 4.2.4.3, but for the version, which is that of who sends it.
const CHALLENGE =
  hex(`4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000
  060070170000000f53006500720076006500720002000c0044006f006d00610069006e0001000c0053006500720076006500720000000000`);
const AUTHENTICATE =
  hex(`4e544c4d5353500003000000180018006c00000054005400840000000c000c0048000000080008005400000010001000
  5c00000010001000d8000000358288e2050128 0a0000000f44006f006d00610069006e00550073006500720043004f004d005000550054004500
  5200 86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa 68cd0ab851e51c96aabc927bebef6a1c
  01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c0053006500720076006500
  720000000000 00000000 c5dad2544fc9799094ce1ce90bc9d03e`);

describe('MS-NLMP 4.2.4', () => {
  const key = responseKey(utf16('Password'), 'User', 'Domain');
  const blob = clientBlob(Buffer.alloc(8), clientChallenge, targetInfo);
  const proof = proofOf(key, nonces, blob);
  const base = hmacMd5(key, proof);

  it('derives the keys of 4.2.4.1', () => {
    expect(key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
    expect(base.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
  });

  it('makes the responses of 4.2.4.2', () => {
    expect(lmResponse(key, nonces).toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
    expect(proof.toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(sealedKey(base, sessionKey).toString('hex')).toBe('c5dad2544fc9799094ce1ce90bc9d03e');
  });

  it('reads the challenge of 4.2.4.3', () => {
    const challenge = readChallenge(CHALLENGE);
    expect(challenge.flags >>> 0).toBe(0xe28a8233);
    expect(challenge.serverChallenge).toEqual(nonces.serverChallenge);
    expect(challenge.targetInfo).toEqual(targetInfo);
  });

  it('writes the answer of 4.2.4.3, with a MIC besides', () => {
    const message = writeAuthenticate({
      flags: 0xe2888235,
      lmResponse: lmResponse(key, nonces),
      ntResponse: Buffer.concat([proof, blob]),
      domain: 'Domain',
      user: 'User',
      workstation: 'COMPUTER',
      encryptedSessionKey: sealedKey(base, sessionKey),
    });
    for (const descriptor of [12, 20, 28, 36, 44, 52]) {
      message.writeUInt32LE(message.readUInt32LE(descriptor + 4) - 16, descriptor + 4);
    }
    AUTHENTICATE.copy(message, 64, 64, MIC_OFFSET);
    const withoutMic = Buffer.concat([message.subarray(0, MIC_OFFSET), message.subarray(MIC_OFFSET + 16)]);
    expect(withoutMic.toString('hex')).toBe(AUTHENTICATE.toString('hex'));
  });

  it('seals as 4.2.4.4 does, and opens it again', () => {
    expect(directionKey(sessionKey, 'client-to-server', 'sealing').toString('hex')).toBe(
      '59f600973cc4960a25480a7c196e4c58',
    );
    expect(directionKey(sessionKey, 'client-to-server', 'signing').toString('hex')).toBe(
      '4788dc861b4782f35d43fd98fe1a2d39',
    );
    const sealed = new NtlmStream(sessionKey, 'client-to-server').seal(utf16('Plaintext'));
    expect(Buffer.from(sealed.data).toString('hex')).toBe('54e50165bf1936dc996020c1811b0f06fb5f');
    expect(Buffer.from(sealed.token).toString('hex')).toBe('010000007fb38ec5c55d497600000000');
    expect(new NtlmStream(sessionKey, 'client-to-server').unseal(sealed)).toEqual(utf16('Plaintext'));
  });

  it('upper-cases the user letter by letter, and the domain not at all', () => {
    const upper = responseKey(utf16('Password'), 'STRAßE', 'Domain');
    expect(responseKey(utf16('Password'), 'straße', 'Domain')).toEqual(upper);
    expect(responseKey(utf16('Password'), 'STRASSE', 'Domain')).not.toEqual(upper);
    expect(responseKey(utf16('Password'), 'straße', 'DOMAIN')).not.toEqual(upper);
  });
});

describe('a handshake of Windows', () => {
  it('has the MIC that the formula gives', () => {
    const mic = WINDOWS.authenticate.subarray(MIC_OFFSET, MIC_OFFSET + 16);
    const zeroed = Buffer.from(WINDOWS.authenticate).fill(0, MIC_OFFSET, MIC_OFFSET + 16);
    expect(hmacMd5(WINDOWS.sessionKey, WINDOWS.negotiate, WINDOWS.challenge, zeroed)).toEqual(mic);
  });

  it('has the signatures over the list of mechanisms that ours are', () => {
    const client = new NtlmStream(WINDOWS.sessionKey, 'client-to-server');
    expect(client.sign(WINDOWS.mechTypes).toString('hex')).toBe(WINDOWS.clientMic);
    const server = new NtlmStream(WINDOWS.sessionKey, 'server-to-client');
    server.verify(WINDOWS.mechTypes, Buffer.from(WINDOWS.serverMic, 'hex'));
  });
});

describe('ntlm', () => {
  const settings: NtlmSettings = {
    credential: { userName: 'User', domain: 'Domain', password: 'Password' },
    random: (size) => (size === 8 ? clientChallenge : sessionKey),
    clock: { now: () => -11_644_473_600_000 },
    workstation: 'COMPUTER',
  };
  const challengeWith = (flags: number, info = targetInfo): Buffer => {
    const head = Buffer.from(CHALLENGE.subarray(0, 68));
    head.writeUInt32LE(flags >>> 0, 20);
    head.writeUInt16LE(info.length, 40);
    head.writeUInt16LE(info.length, 42);
    return Buffer.concat([head, info]);
  };
  const answer = async (change: Partial<NtlmSettings>, challenge: Buffer): Promise<Buffer> => {
    using context = ntlm({ ...settings, ...change });
    await context.step();
    return Buffer.from((await context.step(challenge)) ?? []);
  };
  const field = (message: Buffer, descriptor: number): Buffer => {
    const offset = message.readUInt32LE(descriptor + 4);
    return message.subarray(offset, offset + message.readUInt16LE(descriptor));
  };
  const pairsOf = (message: Buffer) => readAvPairs(field(message, 20).subarray(16 + 28));

  it('answers the published challenge with the published names and LMv2 response', async () => {
    const message = await answer({}, CHALLENGE);
    expect([28, 36, 44].map((descriptor) => field(message, descriptor).toString('utf16le'))).toEqual([
      'Domain',
      'User',
      'COMPUTER',
    ]);
    expect(field(message, 12).toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
    expect(message.readUInt32LE(60)).toBe(0xe2888231);
  });

  it('takes the time of the server where it tells one, and then sends no LM response', async () => {
    const time = hex('a1a1f5adcbaed001');
    const info = writeAvPairs([...readAvPairs(targetInfo), { id: 7, value: time }]);
    const message = await answer({}, challengeWith(0xe28a8233, info));
    expect(field(message, 20).subarray(24, 32)).toEqual(time);
    expect(field(message, 12)).toEqual(Buffer.alloc(24));
  });

  it('names the service and the channel, and says once that there is a MIC', async () => {
    const info = writeAvPairs([
      ...readAvPairs(targetInfo),
      { id: 6, value: hex('01000000') },
      { id: 9, value: utf16('HTTP/other') },
      { id: 10, value: Buffer.alloc(16, 7) },
    ]);
    const channelBinding = Buffer.from('tls-server-end-point:x');
    const message = await answer({ target: 'HTTP/Server', channelBinding }, challengeWith(0xe28a8233, info));
    const pairs = pairsOf(message);
    expect(pairs.map(({ id }) => id)).toEqual([2, 1, 6, 10, 9]);
    expect(valueOf(pairs, 6)).toEqual(hex('03000000'));
    expect(valueOf(pairs, 9)).toEqual(utf16('HTTP/Server'));
    expect(valueOf(pairs, 10)).not.toEqual(Buffer.alloc(16));
  });

  it('sends zeros for a channel where there is none, and no name of the server back', async () => {
    const pairs = pairsOf(await answer({}, CHALLENGE));
    expect(valueOf(pairs, 10)).toEqual(Buffer.alloc(16));
    expect(valueOf(pairs, 9)).toBeUndefined();
  });

  it.each([
    ['CORP\\jdoe', undefined, 'CORP', 'jdoe'],
    ['jdoe@corp.example', undefined, '', 'jdoe@corp.example'],
    ['jdoe', undefined, '', 'jdoe'],
    ['odd\\name', 'CORP', 'CORP', 'odd\\name'],
  ])('splits %p with the domain %p', async (userName, domain, sentDomain, sentUser) => {
    const message = await answer({ credential: { userName, domain, password: 'p' } }, CHALLENGE);
    expect(field(message, 28).toString('utf16le')).toBe(sentDomain);
    expect(field(message, 36).toString('utf16le')).toBe(sentUser);
  });

  it('asks for the password when it is needed, and only then', async () => {
    let asked = 0;
    const password = (): string => {
      asked += 1;
      return 'Password';
    };
    using context = ntlm({ ...settings, credential: { userName: 'User', domain: 'Domain', password } });
    await context.step();
    expect(asked).toBe(0);
    await context.step(CHALLENGE);
    expect(asked).toBe(1);
  });

  it.each([
    ['UNICODE', 0x1],
    ['SIGN', 0x10],
    ['SEAL', 0x20],
    ['EXTENDED_SESSIONSECURITY', 0x80000],
    ['TARGET_INFO', 0x800000],
    ['128', 0x20000000],
    ['KEY_EXCH', 0x40000000],
  ])('refuses a challenge without %s', async (_name, flag) => {
    await expect(answer({}, challengeWith(0xe28a8233 & ~flag))).rejects.toMatchObject({ code: 'downgrade' });
  });

  it.each([
    ['LM keys', challengeWith(0xe28a8233 | 0x80), 'downgrade'],
    ['no name of the server', challengeWith(0xe28a8233, writeAvPairs([])), 'bad-token'],
    ['a list without an end', challengeWith(0xe28a8233, targetInfo.subarray(0, -4)), 'bad-token'],
    [
      'a time of seven octets',
      challengeWith(
        0xe28a8233,
        writeAvPairs([...readAvPairs(targetInfo), { id: 7, value: Buffer.alloc(7) }]),
      ),
      'bad-token',
    ],
    ['its own message', hex('4e544c4d5353500001000000358288e2').subarray(0), 'bad-token'],
    ['nothing', Buffer.alloc(0), 'bad-token'],
    ['a field outside itself', CHALLENGE.subarray(0, -1), 'bad-token'],
    ['more than 64 KiB', Buffer.concat([CHALLENGE, Buffer.alloc(70_000)]), 'bad-token'],
  ])('refuses a challenge with %s, and is used up', async (_name, challenge, code) => {
    using context = ntlm(settings);
    await context.step();
    await expect(context.step(challenge)).rejects.toMatchObject({ name: 'AuthError', code });
    await expect(context.step(CHALLENGE)).rejects.toMatchObject({ code: 'used-up' });
    expect(() => context.wrap(Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'used-up' }));
  });

  it('gives no key before it is complete, and none after it is disposed', async () => {
    const context = ntlm(settings);
    expect(() => context.sessionKey).toThrow(expect.objectContaining({ code: 'not-ready' }));
    await context.step();
    await context.step(CHALLENGE);
    expect(context.sessionKey).toEqual(sessionKey);
    context[Symbol.dispose]();
    expect(() => context.sessionKey).toThrow(expect.objectContaining({ code: 'used-up' }));
  });

  it('says that there is no NTLM where there is no MD5', () => {
    const inFipsMode = (): never => {
      throw new Error('error:0308010C:digital envelope routines::unsupported');
    };
    expect(() => expectMd5(inFipsMode)).toThrow(
      expect.objectContaining({ code: 'unsupported', next: 'Sign in with Kerberos or a certificate.' }),
    );
  });
});
