import { randomBytes } from 'node:crypto';
import { AvId, readAvPairs, valueOf, writeAvPairs, type AvPair } from './av-pairs.ts';
import { bindingHash } from './channel-binding.ts';
import { accountOf, passwordOf, type PasswordCredential } from './credential.ts';
import { AuthError } from './errors.ts';
import { Lifetime, type Mechanism } from './mechanism.ts';
import { clientBlob, expectMd5, hmacMd5, lmResponse, proofOf, responseKey, sealedKey } from './ntlm-keys.ts';
import {
  Flag,
  MIC_OFFSET,
  OFFERED,
  readChallenge,
  writeAuthenticate,
  writeNegotiate,
} from './ntlm-messages.ts';
import { NtlmStream } from './ntlm-stream.ts';
import type { Surroundings, Wrapped } from './security-context.ts';

export interface NtlmSettings {
  readonly credential: PasswordCredential;
  /** The service principal name, such as `HTTP/server`: signed, so that the server can see it is meant. */
  readonly target?: string | undefined;
  /** The channel's application data, from `channelBindingOf`. */
  readonly channelBinding?: Uint8Array | undefined;
  /** This computer's name, for the server's records. */
  readonly workstation?: string | undefined;
  readonly clock?: { now(): number } | undefined;
  /** Octets no one can foresee; the tests' vectors fix them. */
  readonly random?: ((size: number) => Uint8Array) | undefined;
}

const REQUIRED =
  Flag.UNICODE |
  Flag.SIGN |
  Flag.SEAL |
  Flag.EXTENDED_SESSIONSECURITY |
  Flag.TARGET_INFO |
  Flag.KEY_128 |
  Flag.KEY_EXCH;
const MIC_PRESENT = 2;
const MAX_UINT16 = 0xffff;

/**
 * NTLMv2 (MS-NLMP), the client's side: always with MIC, key exchange, 128 bits, signing and sealing. What offers less is refused as
 * a `downgrade`. Complete as soon as the second token is made: only what comes next from the server tells whether it agreed.
 */
export function ntlm(settings: NtlmSettings): Mechanism {
  return new NtlmContext(settings);
}

interface Keys {
  readonly exported: Buffer;
  readonly outgoing: NtlmStream;
  readonly incoming: NtlmStream;
}

class NtlmContext implements Mechanism {
  readonly mechanism = 'ntlm';
  readonly oids = ['1.3.6.1.4.1.311.2.2.10'] as const;
  readonly #settings: NtlmSettings;
  readonly #lifetime = new Lifetime();
  #negotiate: Buffer | undefined;
  #keys: Keys | undefined;

  constructor(settings: NtlmSettings) {
    this.#settings = settings;
  }

  get isComplete(): boolean {
    return this.#lifetime.isComplete;
  }

  get sessionKey(): Uint8Array {
    return this.#use(({ exported }) => Buffer.from(exported));
  }

  step(token?: Uint8Array): Promise<Uint8Array> {
    return this.#lifetime.step(() => {
      if (this.#negotiate === undefined) {
        if (token !== undefined && token.length > 0) {
          throw new AuthError('bad-token', 'The server sent an NTLM token before it was asked for one.');
        }
        expectMd5();
        this.#negotiate = writeNegotiate();
        return Buffer.from(this.#negotiate);
      }
      const answer = this.#authenticate(this.#negotiate, Buffer.from(token ?? []));
      this.#lifetime.complete();
      return answer;
    });
  }

  wrap(data: Uint8Array, surroundings?: Surroundings): Wrapped {
    return this.#use(({ outgoing }) => outgoing.seal(data, surroundings));
  }

  unwrap(wrapped: Wrapped, surroundings?: Surroundings): Uint8Array {
    return this.#use(({ incoming }) => incoming.unseal(wrapped, surroundings));
  }

  sign(message: Uint8Array): Uint8Array {
    return this.#use(({ outgoing }) => outgoing.sign(message));
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#use(({ incoming }) => incoming.verify(message, signature));
  }

  signMechanisms(list: Uint8Array): Uint8Array {
    return this.#use(({ outgoing }) => {
      const signature = outgoing.sign(list);
      outgoing.restart();
      return signature;
    });
  }

  verifyMechanisms(list: Uint8Array, signature: Uint8Array): void {
    this.#use(({ incoming }) => {
      incoming.verify(list, signature);
      incoming.restart();
    });
  }

  [Symbol.dispose](): void {
    this.#lifetime.dispose();
    this.#keys?.exported.fill(0);
    this.#keys?.outgoing.wipe();
    this.#keys?.incoming.wipe();
    this.#keys = undefined;
  }

  #use<T>(act: (keys: Keys) => T): T {
    return this.#lifetime.use(() => act(this.#keys!));
  }

  /** MS-NLMP 3.1.5.1.2. */
  #authenticate(negotiate: Uint8Array, token: Buffer): Uint8Array {
    const challenge = readChallenge(token);
    expectStrength(challenge.flags);
    const offered = readAvPairs(challenge.targetInfo);
    for (const id of [AvId.NbComputerName, AvId.NbDomainName]) {
      if (valueOf(offered, id) === undefined)
        throw new AuthError('bad-token', 'The server does not name itself.');
    }
    const timestamp = timestampOf(offered);
    const { user, domain } = accountOf(this.#settings.credential);
    const nonces = { serverChallenge: challenge.serverChallenge, clientChallenge: this.#random(8) };
    const blob = clientBlob(
      timestamp ?? fileTime(this.#settings.clock?.now() ?? Date.now()),
      nonces.clientChallenge,
      this.#targetInfo(offered),
    );
    if (blob.length > MAX_UINT16 - 16)
      throw new AuthError('bad-token', "The server's target information is too long.");

    const password = passwordOf(this.#settings.credential);
    const key = responseKey(password, user, domain);
    password.fill(0);
    const proof = proofOf(key, nonces, blob);
    const sessionBaseKey = hmacMd5(key, proof);
    const exported = Buffer.from(this.#random(16));
    const message = writeAuthenticate({
      flags: challenge.flags & OFFERED,
      lmResponse: timestamp === undefined ? lmResponse(key, nonces) : Buffer.alloc(24),
      ntResponse: Buffer.concat([proof, blob]),
      user,
      domain,
      workstation: this.#settings.workstation ?? '',
      encryptedSessionKey: sealedKey(sessionBaseKey, exported),
    });
    key.fill(0);
    sessionBaseKey.fill(0);
    hmacMd5(exported, negotiate, token, message).copy(message, MIC_OFFSET);
    this.#keys = {
      exported,
      outgoing: new NtlmStream(exported, 'client-to-server'),
      incoming: new NtlmStream(exported, 'server-to-client'),
    };
    return message;
  }

  /** The server's pairs, with ours in place of what it may have sent under the same ids. */
  #targetInfo(offered: readonly AvPair[]): Buffer {
    const flags = Buffer.alloc(4);
    const theirs = valueOf(offered, AvId.Flags);
    flags.writeUInt32LE(
      ((theirs?.length === 4 ? Buffer.from(theirs).readUInt32LE() : 0) | MIC_PRESENT) >>> 0,
    );
    const ours: AvPair[] = [
      { id: AvId.Flags, value: flags },
      { id: AvId.ChannelBindings, value: bindingHash(this.#settings.channelBinding) },
    ];
    const { target } = this.#settings;
    if (target !== undefined) ours.push({ id: AvId.TargetName, value: Buffer.from(target, 'utf16le') });
    const replaced = new Set<number>([...ours.map(({ id }) => id), AvId.TargetName]);
    return writeAvPairs([...offered.filter(({ id }) => !replaced.has(id)), ...ours]);
  }

  #random(size: number): Uint8Array {
    return (this.#settings.random ?? randomBytes)(size);
  }
}

function expectStrength(flags: number): void {
  if ((flags & REQUIRED) === REQUIRED && (flags & Flag.LM_KEY) === 0) return;
  throw new AuthError(
    'downgrade',
    'The server offers only a weak form of NTLM, without 128-bit signing and sealing.',
    {
      next: 'Let the server allow NTLMv2 with 128-bit session security, or use Kerberos.',
    },
  );
}

function timestampOf(pairs: readonly AvPair[]): Uint8Array | undefined {
  const timestamp = valueOf(pairs, AvId.Timestamp);
  if (timestamp === undefined || timestamp.length === 8) return timestamp;
  throw new AuthError('bad-token', "The server's NTLM timestamp does not have eight octets.");
}

/** 100 ns since 1601. */
function fileTime(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(Math.trunc(milliseconds)) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}
