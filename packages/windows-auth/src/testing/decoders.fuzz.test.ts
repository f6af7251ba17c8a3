import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAvPairs, encodeAvPairs, type AvPair } from './av-pairs.ts';
import { der, readDerValues, readFields } from './der.ts';
import { NtlmAcceptor } from './ntlm-acceptor.ts';
import { TestClient } from './ntlm-client.test.support.ts';
import { decodeAuthenticate, decodeNegotiate } from './ntlm-messages.ts';
import { AuthRefusal } from './refusal.ts';
import { SpnegoAcceptor } from './spnego-acceptor.ts';
import { HANDSHAKE, SPECIFICATION } from './vectors.test.support.ts';

const USER = { userName: 'jdoe', domain: 'CORP', password: 'Secret123' };
const octets = fc.uint8Array({ maxLength: 600 });

/** Some octets of `original` are others, or it ends early. */
const mutated = (original: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(original.length),
      fc.boolean(),
    )
    .map(([changes, end, isCut]) => {
      const copy = Uint8Array.from(original);
      for (const [at, value] of changes) copy[at] = value;
      return isCut ? copy.subarray(0, end) : copy;
    });

/** Either works or refuses; nothing else may come of it. */
function holds(decode: (data: Uint8Array) => unknown, ...originals: readonly Uint8Array[]): void {
  fc.assert(
    fc.property(fc.oneof(octets, ...originals.map(mutated)), (data) => {
      try {
        decode(data);
      } catch (error) {
        expect(error).toBeInstanceOf(AuthRefusal);
      }
    }),
    { numRuns: 2000 },
  );
}

describe('whatever is sent', () => {
  it('NTLM messages work or are refused', () => {
    holds(decodeNegotiate, SPECIFICATION.negotiate, HANDSHAKE.negotiate);
    holds(decodeAuthenticate, SPECIFICATION.authenticate, HANDSHAKE.authenticate);
  });

  it('DER and AV pairs work or are refused', () => {
    holds(readDerValues, HANDSHAKE.init);
    holds(readFields, HANDSHAKE.init.subarray(12));
    holds(decodeAvPairs, HANDSHAKE.challenge.subarray(68));
  });

  it('a sign-in works for the right client only', () => {
    const acceptor = new SpnegoAcceptor(new NtlmAcceptor({ users: [USER] }));
    holds((token) => acceptor.accept().step(token), HANDSHAKE.init, HANDSHAKE.negotiate);
    const client = new TestClient({ user: USER });
    const challenge = Buffer.alloc(8, 1);
    const settled = { users: [USER], serverChallenge: () => challenge, clock: { now: () => 0 } };
    const start = () => {
      const acceptance = new NtlmAcceptor(settled).accept();
      return { acceptance, token: acceptance.step(client.negotiate).token };
    };
    const right = client.authenticate(start().token);
    fc.assert(
      fc.property(mutated(right), (token) => {
        const { acceptance } = start();
        let isAccepted = false;
        try {
          isAccepted = acceptance.step(token).done;
        } catch (error) {
          expect(error).toBeInstanceOf(AuthRefusal);
        }
        // The MIC covers every octet.
        expect(isAccepted).toBe(right.equals(token));
      }),
      { numRuns: 2000 },
    );
  });

  it('what is written can be read', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 65_535 }), octets), {
      selector: ([id]) => id,
      maxLength: 20,
    });
    fc.assert(
      fc.property(pairs, (given) => {
        const list: readonly AvPair[] = given;
        const read = decodeAvPairs(encodeAvPairs(list));
        expect([...read].map(([id, value]) => [id, [...value]])).toEqual(
          list.map(([id, value]) => [id, [...value]]),
        );
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
        const [value] = readDerValues(der(0x04, content));
        expect(Buffer.from(content).equals(value?.content ?? Buffer.alloc(1))).toBe(true);
      }),
    );
  });
});
