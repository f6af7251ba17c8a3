import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Surroundings, Wrapped } from '../security-context.ts';
import { AV, encodeAvPairs, utf16, type AvPair } from './av-pairs.ts';
import { flagsOf, hasFlags } from './ntlm-flags.ts';
import { hmacMd5 } from './ntlm-keys.ts';
import { checkChannelBinding, filetimeOf, logOn } from './ntlm-logon.ts';
import { decodeAuthenticate, decodeNegotiate, encodeChallenge, type Authenticate } from './ntlm-messages.ts';
import { NtlmProtection } from './ntlm-protection.ts';
import {
  settingsOf,
  SUPPORTED,
  ALWAYS,
  type NtlmAcceptorOptions,
  type NtlmSettings,
  type NtlmUser,
} from './ntlm-settings.ts';
import { Rc4 } from './rc4.ts';
import { AuthRefusal } from './refusal.ts';

/** What the connection itself tells about one sign-in. */
export interface AcceptOptions {
  /** What `channelBindingOf` makes of the certificate that this server showed; absent without TLS. */
  readonly channelBinding?: Uint8Array | undefined;
}

/** What a client's token led to. */
export interface AcceptStep {
  /** To be sent to the client. */
  readonly token?: Uint8Array | undefined;
  /** The client has proved who it is. */
  readonly done: boolean;
  /** Who it is, once done. */
  readonly user?: NtlmUser | undefined;
}

/** The server's side of one sign-in. Methods throw `AuthRefusal`, after which it is of no further use. */
export interface Acceptance {
  step(token: Uint8Array): AcceptStep;
  readonly user: NtlmUser | undefined;
  wrap(data: Uint8Array, surroundings?: Surroundings): Wrapped;
  unwrap(wrapped: Wrapped, surroundings?: Surroundings): Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): void;
  readonly sessionKey: Uint8Array;
}

/** What a client said of itself when it was accepted. */
export interface ClientFacts {
  readonly flags: number;
  readonly workstation: string;
  readonly hasMic: boolean;
  /** The service principal name of AV pair 9. */
  readonly targetName: string | undefined;
  readonly channelBinding: Uint8Array | undefined;
}

/** A server's NTLMv2 (MS-NLMP 3.2): users, names and policy; each sign-in is one `accept`. */
export class NtlmAcceptor {
  readonly #settings: NtlmSettings;

  constructor(options: NtlmAcceptorOptions) {
    this.#settings = settingsOf(options);
  }

  accept(options: AcceptOptions = {}): NtlmAcceptance {
    return new NtlmAcceptance(this.#settings, options);
  }
}

interface Offer {
  readonly flags: number;
  readonly negotiate: Uint8Array;
  readonly challenge: Uint8Array;
  readonly serverChallenge: Uint8Array;
}

interface Outcome {
  readonly key: Buffer;
  readonly user: NtlmUser;
  readonly facts: ClientFacts;
  readonly protection: NtlmProtection;
}

export class NtlmAcceptance implements Acceptance {
  readonly #settings: NtlmSettings;
  readonly #options: AcceptOptions;
  #offer: Offer | undefined;
  #outcome: Outcome | undefined;

  constructor(settings: NtlmSettings, options: AcceptOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  /** Takes a NEGOTIATE and answers the CHALLENGE, then takes the AUTHENTICATE. */
  step(token: Uint8Array): AcceptStep {
    if (this.#outcome !== undefined) throw new AuthRefusal('invalidParameter', 'Signed in already.');
    if (this.#offer === undefined) return { token: this.#challenge(token), done: false };
    const offer = this.#offer;
    const message = decodeAuthenticate(token);
    return { done: true, user: this.#authenticate(message, offer) };
  }

  get user(): NtlmUser | undefined {
    return this.#outcome?.user;
  }

  /** Throws before the sign-in is done, as all below do. */
  get facts(): ClientFacts {
    return this.#done.facts;
  }

  /** The exported session key, 16 octets. */
  get sessionKey(): Uint8Array {
    return this.#done.key;
  }

  wrap(data: Uint8Array, surroundings?: Surroundings): Wrapped {
    return this.#done.protection.wrap(data, surroundings);
  }

  unwrap(wrapped: Wrapped, surroundings?: Surroundings): Uint8Array {
    return this.#done.protection.unwrap(wrapped, surroundings);
  }

  sign(message: Uint8Array): Uint8Array {
    return this.#done.protection.sign(message);
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#done.protection.verify(message, signature);
  }

  /** For SPNEGO, after its MICs. */
  restartStreams(): void {
    this.#done.protection.restartStreams();
  }

  get #done(): Outcome {
    if (this.#outcome === undefined) throw new AuthRefusal('invalidParameter', 'Not signed in yet.');
    return this.#outcome;
  }

  #challenge(negotiate: Uint8Array): Uint8Array {
    const { faults, target, requiredFlags } = this.#settings;
    const offered = decodeNegotiate(negotiate).flags;
    if (!hasFlags(offered, ...requiredFlags))
      throw new AuthRefusal('notSupported', 'The client does not offer what this server requires.');
    const isUnicode = hasFlags(offered, 'UNICODE');
    // Of two alphabets the server picks one.
    const unpicked = flagsOf(...(isUnicode ? (['OEM'] as const) : []), ...(faults.dropFlags ?? []));
    const flags = (((offered & SUPPORTED) | ALWAYS) & ~unpicked) >>> 0;
    const serverChallenge = this.#settings.serverChallenge?.() ?? randomBytes(8);
    const challenge =
      faults.challenge ??
      encodeChallenge({
        flags,
        serverChallenge,
        targetName: Buffer.from(target.netbiosDomain, isUnicode ? 'utf16le' : 'latin1'),
        targetInfo: targetInfo(this.#settings),
      });
    this.#offer = { flags, negotiate: Uint8Array.from(negotiate), challenge, serverChallenge };
    return challenge;
  }

  #authenticate(message: Authenticate, offer: Offer): NtlmUser {
    const { faults, requiredFlags, channelBinding, isMicRequired } = this.#settings;
    const flags = (message.flags & offer.flags) >>> 0;
    const kept = requiredFlags.filter((flag) => faults.dropFlags?.includes(flag) !== true);
    if (!hasFlags(flags, ...kept))
      throw new AuthRefusal('notSupported', 'The client has dropped what this server requires.');
    const { user, sessionBaseKey, pairs } = logOn(this.#settings, offer.serverChallenge, message);
    checkChannelBinding(channelBinding, pairs, this.#options.channelBinding);
    this.#checkTargetName(pairs);
    const key = exportedKey(flags, sessionBaseKey, message.encryptedSessionKey);
    const hasMic = checkMic(key, offer, message, pairs);
    if (!hasMic && isMicRequired) throw new AuthRefusal('logonFailure', 'There is no MIC.');
    this.#outcome = {
      key,
      user,
      facts: {
        flags,
        workstation: message.workstation,
        hasMic,
        targetName: pairs.get(AV.targetName)?.toString('utf16le'),
        channelBinding: pairs.get(AV.channelBinding),
      },
      protection: new NtlmProtection(faults.wrongKey === true ? randomBytes(16) : key, flags, faults),
    };
    return user;
  }

  #checkTargetName(pairs: ReadonlyMap<number, Buffer>): void {
    const accepted = this.#settings.servicePrincipalNames;
    const name = pairs.get(AV.targetName)?.toString('utf16le').toLowerCase();
    if (accepted === undefined || name === undefined) return;
    if (!accepted.some((candidate) => candidate.toLowerCase() === name))
      throw new AuthRefusal('logonFailure', `The client wants another service: ${name}.`);
  }
}

function targetInfo({ target, faults, clock }: NtlmSettings): Uint8Array {
  if (faults.targetInfo === 'none') return Buffer.alloc(0);
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(filetimeOf(clock.now()));
  const names: readonly AvPair[] = [
    [AV.netbiosDomain, utf16(target.netbiosDomain)],
    [AV.netbiosComputer, utf16(target.netbiosComputer)],
    [AV.dnsDomain, utf16(target.dnsDomain)],
    [AV.dnsComputer, utf16(target.dnsComputer)],
  ];
  const encoded = encodeAvPairs([
    ...(faults.targetInfo === 'nameless' ? [] : names),
    ...(faults.noTimestamp === true ? [] : [[AV.timestamp, time] as const]),
  ]);
  return faults.targetInfo === 'endless' ? encoded.subarray(0, -4) : encoded;
}

function exportedKey(flags: number, sessionBaseKey: Buffer, encrypted: Buffer): Buffer {
  if (!hasFlags(flags, 'KEY_EXCHANGE')) return sessionBaseKey;
  if (encrypted.length !== 16) throw new AuthRefusal('invalidParameter', 'The session key is missing.');
  return new Rc4(sessionBaseKey).apply(encrypted);
}

/** Whether the client announced a MIC, which then is right. */
function checkMic(
  key: Buffer,
  { negotiate, challenge }: Offer,
  { mic, withoutMic }: Authenticate,
  pairs: ReadonlyMap<number, Buffer>,
): boolean {
  const flags = pairs.get(AV.flags);
  if (flags?.length !== 4 || (flags.readUInt32LE() & 2) === 0) return false;
  if (mic === undefined || !timingSafeEqual(mic, hmacMd5(key, negotiate, challenge, withoutMic)))
    throw new AuthRefusal('logonFailure', 'The MIC is wrong.');
  return true;
}
