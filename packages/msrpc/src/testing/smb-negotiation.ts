import { randomBytes } from 'node:crypto';
import { ByteReader, ByteWriter } from './bytes.ts';
import { CIPHERS, SIGNINGS, type CipherName, type SigningName } from './smb-crypto.ts';
import { HEADER_LENGTH, STATUS, type SmbRequest } from './smb-message.ts';
import type { FakeSmbOptions } from './smb-settings.ts';

/** What a connection agreed on. */
export interface Agreement {
  readonly dialect: number;
  readonly cipher: CipherName | undefined;
  readonly signing: SigningName;
  readonly serverGuid: Buffer;
  readonly capabilities: number;
  readonly securityMode: number;
  /** What the client said, which it may ask to have repeated. */
  readonly client: {
    readonly guid: Buffer;
    readonly mode: number;
    readonly dialects: readonly number[];
    readonly capabilities: number;
  };
}

const CAN_ENCRYPT = 0x40;
const ALL_DIALECTS = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311];
const CONTEXT = { preauthentication: 1, encryption: 2, signing: 8 } as const;

export type Negotiated =
  { readonly status: number } | { readonly status: 0; readonly agreement: Agreement; readonly body: Buffer };

/** MS-SMB2 3.3.5.4. */
export function negotiate(request: SmbRequest, options: FakeSmbOptions, mode: number): Negotiated {
  const reader = new ByteReader(request.body);
  if (reader.u16() !== 36) return { status: STATUS.invalidParameter };
  const count = reader.u16();
  const clientMode = reader.u16();
  reader.u16();
  const capabilities = reader.u32();
  const guid = Buffer.from(reader.take(16));
  const contextOffset = reader.u32();
  const contextCount = reader.u16();
  reader.u16();
  const offered = Array.from({ length: count }, () => reader.u16());
  const dialect = (options.dialects ?? ALL_DIALECTS)
    .filter((one) => offered.includes(one))
    .sort((one, other) => other - one)[0];
  if (dialect === undefined) return { status: STATUS.notSupported };
  const contexts =
    dialect === 0x0311 ? readContexts(request.raw, contextOffset, contextCount) : new Map<number, Buffer>();
  if (dialect === 0x0311 && !offersSha512(contexts.get(CONTEXT.preauthentication)))
    return { status: STATUS.invalidParameter };
  const mayEncrypt = options.encryption !== 'off' && dialect >= 0x0300;
  const cipher = mayEncrypt ? chooseCipher(dialect, capabilities, contexts, options) : undefined;
  const agreement: Agreement = {
    dialect,
    cipher,
    signing: chooseSigning(dialect, contexts, options),
    serverGuid: randomBytes(16),
    capabilities: mayEncrypt && dialect < 0x0311 ? CAN_ENCRYPT : 0,
    securityMode: mode,
    client: { guid, mode: clientMode, dialects: offered, capabilities },
  };
  return { status: 0, agreement, body: answerOf(agreement, contexts, options) };
}

function readContexts(raw: Buffer, offset: number, count: number): Map<number, Buffer> {
  const reader = new ByteReader(raw, offset);
  const contexts = new Map<number, Buffer>();
  for (let place = 0; place < count; place++) {
    reader.align(8);
    const type = reader.u16();
    const length = reader.u16();
    reader.u32();
    contexts.set(type, reader.take(length));
  }
  return contexts;
}

function offersSha512(context: Buffer | undefined): boolean {
  if (context === undefined) return false;
  const reader = new ByteReader(context);
  const count = reader.u16();
  reader.u16();
  return Array.from({ length: count }, () => reader.u16()).includes(1);
}

function listed(context: Buffer | undefined): readonly number[] {
  if (context === undefined) return [];
  const reader = new ByteReader(context);
  return Array.from({ length: reader.u16() }, () => reader.u16());
}

function chooseCipher(
  dialect: number,
  capabilities: number,
  contexts: Map<number, Buffer>,
  { ciphers = ['aes-128-gcm', 'aes-128-ccm', 'aes-256-gcm', 'aes-256-ccm'] }: FakeSmbOptions,
): CipherName | undefined {
  if (dialect < 0x0311) return (capabilities & CAN_ENCRYPT) === 0 ? undefined : 'aes-128-ccm';
  const offered = listed(contexts.get(CONTEXT.encryption));
  return ciphers.find((name) => offered.includes(CIPHERS[name]));
}

function chooseSigning(
  dialect: number,
  contexts: Map<number, Buffer>,
  { signings = ['aes-gmac', 'aes-cmac', 'hmac-sha256'] }: FakeSmbOptions,
): SigningName {
  if (dialect < 0x0300) return 'hmac-sha256';
  const offered = listed(contexts.get(CONTEXT.signing));
  return signings.find((name) => offered.includes(SIGNINGS[name])) ?? 'aes-cmac';
}

function answerOf(agreement: Agreement, contexts: Map<number, Buffer>, options: FakeSmbOptions): Buffer {
  const { dialect, cipher, signing, serverGuid, capabilities, securityMode } = agreement;
  const most = options.maxTransact ?? 65_536;
  const chosen: (readonly [number, Buffer])[] = [];
  if (dialect === 0x0311) {
    const salted = new ByteWriter().u16(1).u16(32).u16(1).bytes(randomBytes(32)).done();
    chosen.push([CONTEXT.preauthentication, salted]);
    if (cipher !== undefined)
      chosen.push([CONTEXT.encryption, new ByteWriter().u16(1).u16(CIPHERS[cipher]).done()]);
    if (contexts.has(CONTEXT.signing))
      chosen.push([CONTEXT.signing, new ByteWriter().u16(1).u16(SIGNINGS[signing]).done()]);
  }
  const writer = new ByteWriter()
    .u16(65)
    .u16(securityMode)
    .u16(dialect)
    .u16(chosen.length)
    .bytes(serverGuid)
    .u32(capabilities)
    .u32(most)
    .u32(most)
    .u32(most)
    .zeros(16)
    .u16(HEADER_LENGTH + 64)
    .u16(HINT.length)
    .u32(chosen.length === 0 ? 0 : HEADER_LENGTH + Math.ceil((64 + HINT.length) / 8) * 8)
    .bytes(HINT);
  for (const [type, data] of chosen) writer.align(8, 0).u16(type).u16(data.length).u32(0).bytes(data);
  return writer.done();
}

/** NegTokenInit2 (MS-SPNG 2.2.1) that offers NTLM, with the hint every Windows gives. */
const HINT = Buffer.from(
  '604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a3028a0261b246e6f745f646566' +
    '696e65645f696e5f5246433431373840706c656173655f69676e6f7265',
  'hex',
);
