import { badAnswer, MsrpcError } from './errors.ts';
import { dialectOf, SMB_DIALECTS, type SmbCipher, type SmbDialect, type SmbSigning } from './smb-dialects.ts';
import { HEADER_SIZE, SmbBody } from './smb-message.ts';

export const SIGNING_REQUIRED = 2;
const SIGNING_ENABLED = 1;
const CAPABILITY_ENCRYPTION = 0x40;

const Context = { PREAUTH_INTEGRITY: 1, ENCRYPTION: 2, SIGNING: 8 } as const;
const SHA_512 = 1;
const MOST_CONTEXTS = 16;
/** Less would not hold one RPC fragment. */
const LEAST_TRANSFER = 8192;

const CIPHERS: Readonly<Record<SmbCipher, number>> = {
  'aes-128-ccm': 1,
  'aes-128-gcm': 2,
  'aes-256-ccm': 3,
  'aes-256-gcm': 4,
};
const SIGNINGS: Readonly<Record<SmbSigning, number>> = { 'hmac-sha256': 0, 'aes-cmac': 1, 'aes-gmac': 2 };

/** What this client offers, the best first. */
export interface Offer {
  readonly dialects: readonly SmbDialect[];
  readonly ciphers: readonly SmbCipher[];
  readonly signings: readonly SmbSigning[];
  readonly clientGuid: Uint8Array;
  readonly salt: Uint8Array;
}

/** What the server chose of it. */
export interface Agreement {
  readonly dialect: SmbDialect;
  readonly cipher: SmbCipher | undefined;
  readonly signing: SmbSigning;
  readonly serverGuid: Uint8Array;
  readonly capabilities: number;
  readonly securityMode: number;
  readonly largestTransact: number;
  readonly largestRead: number;
  readonly largestWrite: number;
}

/** Encryption is a capability of 3.0 and 3.0.2 only; a context of 3.1.1; absent in 2.x. */
export function capabilitiesOf(offer: Offer): number {
  const encrypts = offer.dialects.some((dialect) => dialect.startsWith('3.'));
  return encrypts && offer.ciphers.length > 0 ? CAPABILITY_ENCRYPTION : 0;
}

/** MS-SMB2 2.2.3. */
export function encodeNegotiate(offer: Offer): Buffer {
  const fixed = Buffer.alloc(36);
  fixed.writeUInt16LE(36, 0);
  fixed.writeUInt16LE(offer.dialects.length, 2);
  fixed.writeUInt16LE(SIGNING_REQUIRED, 4);
  fixed.writeUInt32LE(capabilitiesOf(offer), 8);
  fixed.set(offer.clientGuid, 12);
  const dialects = Buffer.concat(offer.dialects.map((dialect) => u16s(SMB_DIALECTS[dialect])));
  if (!offer.dialects.includes('3.1.1')) return Buffer.concat([fixed, dialects]);

  const head = padded(Buffer.concat([fixed, dialects]));
  const contexts = contextsOf(offer);
  head.writeUInt32LE(HEADER_SIZE + head.length, 28);
  head.writeUInt16LE(contexts.length, 32);
  return Buffer.concat([
    head,
    ...contexts.map((context, at) => (at + 1 < contexts.length ? padded(context) : context)),
  ]);
}

function contextsOf({ ciphers, signings, salt }: Offer): readonly Buffer[] {
  const contexts = [
    context(Context.PREAUTH_INTEGRITY, Buffer.concat([u16s(1, salt.length, SHA_512), salt])),
    context(Context.SIGNING, u16s(signings.length, ...signings.map((name) => SIGNINGS[name]))),
  ];
  if (ciphers.length === 0) return contexts;
  return [
    ...contexts,
    context(Context.ENCRYPTION, u16s(ciphers.length, ...ciphers.map((name) => CIPHERS[name]))),
  ];
}

function context(type: number, data: Buffer): Buffer {
  return Buffer.concat([u16s(type, data.length, 0, 0), data]);
}

/** MS-SMB2 2.2.4. Refuses a choice that was not offered. */
export function decodeNegotiate(message: Buffer, offer: Offer): Agreement {
  const body = new SmbBody('NEGOTIATE', message, 65);
  const dialect = dialectOf(body.u16(4));
  if (dialect === undefined || !offer.dialects.includes(dialect))
    throw badAnswer('the server chose a dialect that was not offered');
  const securityMode = body.u16(2);
  if ((securityMode & (SIGNING_ENABLED | SIGNING_REQUIRED)) === 0) throw signingRefused();
  const capabilities = body.u32(24);
  return {
    dialect,
    ...protectionOf(dialect, capabilities, message, body, offer),
    serverGuid: new Uint8Array(body.octets(8, 16)),
    capabilities,
    securityMode,
    largestTransact: transferSize(body.u32(28)),
    largestRead: transferSize(body.u32(32)),
    largestWrite: transferSize(body.u32(36)),
  };
}

function protectionOf(
  dialect: SmbDialect,
  capabilities: number,
  message: Buffer,
  body: SmbBody,
  offer: Offer,
): Pick<Agreement, 'cipher' | 'signing'> {
  if (dialect === '3.1.1') return contextChoices(message, body, offer);
  if (dialect.startsWith('2.')) return { cipher: undefined, signing: 'hmac-sha256' };
  const encrypts = (capabilities & CAPABILITY_ENCRYPTION) !== 0 && offer.ciphers.includes('aes-128-ccm');
  return { cipher: encrypts ? 'aes-128-ccm' : undefined, signing: 'aes-cmac' };
}

function contextChoices(message: Buffer, body: SmbBody, offer: Offer): Pick<Agreement, 'cipher' | 'signing'> {
  const chosen = readContexts(message, body.u32(60), body.u16(6));
  const integrity = chosen.get(Context.PREAUTH_INTEGRITY);
  if (integrity === undefined || firstOf(integrity, 4) !== SHA_512)
    throw badAnswer('the server chose no hash for the integrity of the negotiation');
  const cipher = choice(chosen.get(Context.ENCRYPTION), CIPHERS, offer.ciphers);
  return { cipher, signing: choice(chosen.get(Context.SIGNING), SIGNINGS, offer.signings) ?? 'aes-cmac' };
}

/** The one value of a context; `undefined` where the context is missing, or says that nothing is in common. */
function choice<T extends string>(
  data: Buffer | undefined,
  numbers: Readonly<Record<T, number>>,
  offered: readonly T[],
): T | undefined {
  if (data === undefined) return undefined;
  const number = firstOf(data, 2);
  if (number === 0 && numbers === (CIPHERS as unknown)) return undefined;
  const name = offered.find((each) => numbers[each] === number);
  if (name === undefined) throw badAnswer('the server chose an algorithm that was not offered');
  return name;
}

/** Each context counts its values first; a server must name one. */
function firstOf(data: Buffer, at: number): number {
  if (data.length < at + 2 || data.readUInt16LE(0) !== 1)
    throw badAnswer('a context of NEGOTIATE names no one value');
  return data.readUInt16LE(at);
}

function readContexts(message: Buffer, offset: number, count: number): ReadonlyMap<number, Buffer> {
  if (count > MOST_CONTEXTS) throw badAnswer(`the answer to NEGOTIATE has ${count} contexts`);
  const contexts = new Map<number, Buffer>();
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    if (at < HEADER_SIZE + 64 || at + 8 > message.length)
      throw badAnswer('a context of NEGOTIATE is cut off');
    const type = message.readUInt16LE(at);
    const length = message.readUInt16LE(at + 2);
    if (at + 8 + length > message.length) throw badAnswer('a context of NEGOTIATE is cut off');
    if (contexts.has(type)) throw badAnswer('the answer to NEGOTIATE has a context twice');
    contexts.set(type, message.subarray(at + 8, at + 8 + length));
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return contexts;
}

function transferSize(size: number): number {
  if (size < LEAST_TRANSFER) throw badAnswer(`the server allows only ${size} octets in one transfer`);
  return size;
}

function signingRefused(): MsrpcError {
  return new MsrpcError('signing-refused', 'the server does not sign SMB messages', {
    next: 'allow SMB signing on the server; this client never goes without',
  });
}

function u16s(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => octets.writeUInt16LE(value, at * 2));
  return octets;
}

function padded(octets: Buffer): Buffer {
  return Buffer.concat([octets], Math.ceil(octets.length / 8) * 8);
}
