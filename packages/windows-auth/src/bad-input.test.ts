import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAvPairs } from './av-pairs.ts';
import { selfSigned } from './certificates.test.support.ts';
import { AuthError, channelBindingOf, credssp, negotiate, ntlm, type SecurityContext } from './index.ts';
import { readChallenge } from './ntlm-messages.ts';
import { readHint, readResponse } from './spnego-tokens.ts';
import { RecordReader, TlsRecords } from './tls-records.ts';
import { lengthOfTsRequest, readTsRequest, writeTsRequest } from './ts-request.ts';
import { WINDOWS } from './windows-handshake.test.support.ts';

const credential = { userName: 'CORP\\jdoe', password: 'Secret123' };
const RESPONSE = Buffer.concat([
  Buffer.from('a1819f30819ca0030a0101a10c060a2b06010401823702020aa281860481', 'hex'),
  WINDOWS.challenge,
]);
const HINT = Buffer.from('601c06062b0601050502a0123010a00e300c060a2b06010401823702020a', 'hex');
const TS_REQUEST = writeTsRequest({
  negoToken: WINDOWS.challenge,
  pubKeyAuth: Buffer.alloc(48),
  clientNonce: Buffer.alloc(32),
});

/** Valid octets with some of them changed, cut or grown: what gets deeper into a decoder than noise does. */
const near = (valid: Uint8Array) =>
  fc
    .record({
      changes: fc.array(fc.tuple(fc.nat(valid.length), fc.nat(255)), { maxLength: 8 }),
      length: fc.option(fc.nat(valid.length)),
      tail: fc.uint8Array({ maxLength: 20 }),
    })
    .map(({ changes, length, tail }) => {
      const octets = Buffer.concat([valid.subarray(0, length ?? valid.length), tail]);
      for (const [at, value] of changes) if (at < octets.length) octets[at] = value;
      return octets;
    });

const inputs = (valid: Uint8Array) => fc.oneof(fc.uint8Array({ maxLength: 300 }), near(valid));

/** It answers, or throws the package's own error, with a sentence and without what was typed in. */
function answersOrRefuses(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError);
    expect((error as AuthError).message).toMatch(/^[\x20-\x7e]+\.$/);
  }
}

async function stepsOrRefuses(context: SecurityContext, tokens: readonly Uint8Array[]): Promise<void> {
  try {
    await context.step();
    for (const token of tokens) await context.step(token);
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError);
    expect(String(error)).not.toContain(credential.password);
  } finally {
    context[Symbol.dispose]();
  }
}

describe('every decoder, given anything', () => {
  it.each([
    ['an NTLM challenge', readChallenge, WINDOWS.challenge],
    ['AV pairs', readAvPairs, readChallenge(WINDOWS.challenge).targetInfo],
    ['a SPNEGO response', readResponse, RESPONSE],
    ['a SPNEGO hint', readHint, HINT],
    ['a TSRequest', readTsRequest, TS_REQUEST],
    [
      'the length of a TSRequest',
      (octets: Uint8Array) => octets.length === 0 || lengthOfTsRequest(octets),
      TS_REQUEST,
    ],
    ['a certificate', channelBindingOf, selfSigned().certificate],
    [
      'TLS records',
      (octets: Uint8Array) => {
        const reader = new RecordReader();
        reader.add(octets);
        while (reader.next() !== undefined);
      },
      Buffer.from('16030300051122334455150303000211220000', 'hex'),
    ],
    [
      'sealed TLS records',
      (octets: Uint8Array) =>
        new TlsRecords({
          masterSecret: Buffer.alloc(48),
          clientRandom: Buffer.alloc(32),
          serverRandom: Buffer.alloc(32),
          suite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
        }).open(octets),
      Buffer.concat([Buffer.from('1703030020', 'hex'), Buffer.alloc(32)]),
    ],
  ] as const)('%s: answers, or refuses with one clear error', (_name, decode, valid) => {
    answersOrRefuses(() => decode(valid));
    fc.assert(
      fc.property(inputs(valid), (octets) => answersOrRefuses(() => decode(octets))),
      { numRuns: 2000 },
    );
  });

  it('the valid tokens are valid', () => {
    expect(readChallenge(WINDOWS.challenge).targetInfo.length).toBe(80);
    expect(readHint(HINT)).toHaveLength(1);
    expect(readTsRequest(TS_REQUEST).negoToken).toEqual(WINDOWS.challenge);
    expect(readResponse(WINDOWS.response).responseToken).toEqual(WINDOWS.challenge);
  });
});

describe('every context, given anything', () => {
  const withNtlm = () => ntlm({ credential });
  it.each([
    ['ntlm', withNtlm, WINDOWS.challenge, 300],
    ['negotiate', () => negotiate({ mechanisms: [withNtlm()] }), WINDOWS.response, 300],
    [
      'credssp',
      () => credssp({ credential, inner: withNtlm() }),
      Buffer.from('160303000402000000', 'hex'),
      25,
    ],
  ] as const)('%s: goes on, or refuses with one clear error', async (_name, make, valid, numRuns) => {
    const tokens = fc.array(inputs(valid), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(tokens, (given) => stepsOrRefuses(make(), given)),
      { numRuns },
    );
  });
});

describe('a DER length', () => {
  it.each(['8400000000', '84ffffffff', '85ffffffffff', '80', '81', '8200'])(
    'of %s is refused before it is believed',
    (length) => {
      for (const decode of [readResponse, readTsRequest]) {
        const octets = Buffer.concat([
          Buffer.from(decode === readResponse ? 'a1' : '30', 'hex'),
          Buffer.from(length, 'hex'),
        ]);
        expect(() => decode(octets)).toThrow(expect.objectContaining({ code: 'bad-token' }));
      }
    },
  );
});

describe('SPNEGO', () => {
  const reply = (...parts: string[]) => {
    const body = Buffer.from(parts.join(''), 'hex');
    return Buffer.concat([Buffer.from([0xa1, body.length + 2, 0x30, body.length]), body]);
  };
  const context = async () => {
    const client = negotiate({ mechanisms: [ntlm({ credential })] });
    await client.step();
    return client;
  };
  const NTLM_OID = 'a10c060a2b06010401823702020a';
  it.each([
    ['says no', reply('a0030a0102'), 'refused'],
    ['wants what was not offered', reply('a0030a0101', 'a10b06092a864886f712010202'), 'unsupported'],
    ['is done before it began', reply('a0030a0100', NTLM_OID), 'bad-token'],
    ['has nothing to say', reply('a0030a0101', NTLM_OID), 'bad-token'],
    ['is in a state that does not exist', reply('a0030a0109', NTLM_OID), 'bad-token'],
    [
      'signs too early',
      reply('a0030a0101', NTLM_OID, 'a312041000000000000000000000000000000000'),
      'bad-token',
    ],
    ['is too long', Buffer.concat([reply('a0030a0101'), Buffer.alloc(200_000)]), 'bad-token'],
    ['is empty', Buffer.alloc(0), 'bad-token'],
  ])('that %s is refused', async (_name, token, code) => {
    const client = await context();
    await expect(client.step(token)).rejects.toMatchObject({ name: 'AuthError', code });
    await expect(client.step(token)).rejects.toMatchObject({ code: 'used-up' });
  });

  it('takes bare NTLM from a server that was offered NTLM alone', async () => {
    const client = await context();
    // Its client had not asked for sealing.
    const challenge = Buffer.from(WINDOWS.challenge);
    challenge[20]! |= 0x20;
    expect(await client.step(challenge)).toBeInstanceOf(Uint8Array);
    expect(client.isComplete).toBe(true);
    expect(client.agreed).toBe('ntlm');
  });

  it('goes by a hint only where it leaves no hope', async () => {
    const hopeful = negotiate({ mechanisms: [ntlm({ credential })] });
    expect(await hopeful.step(HINT)).toBeInstanceOf(Uint8Array);
    const hopeless = negotiate({ mechanisms: [ntlm({ credential })] });
    const kerberosOnly = Buffer.from('601b06062b0601050502a011300fa00d300b06092a864886f712010202', 'hex');
    await expect(hopeless.step(kerberosOnly)).rejects.toMatchObject({ code: 'unsupported' });
  });
});
