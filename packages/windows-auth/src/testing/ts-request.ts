import { der, field, readDerValue, readFields } from './der.ts';

/** A TSRequest (MS-CSSP 2.2.1). */
export interface TsRequest {
  readonly version: number;
  readonly negoToken?: Uint8Array | undefined;
  readonly authInfo?: Uint8Array | undefined;
  readonly pubKeyAuth?: Uint8Array | undefined;
  readonly errorCode?: number | undefined;
  readonly clientNonce?: Uint8Array | undefined;
}

/** What a client hands over (MS-CSSP 2.2.1.2.1). */
export interface DelegatedCredential {
  readonly domain: string;
  readonly userName: string;
  readonly password: string;
}

const INTEGER = 0x02;
const OCTETS = 0x04;
const SEQUENCE = 0x30;

/** The octets of the message that `data` begins with; nothing as long as it is not there whole. */
export function takeMessage(data: Buffer): Buffer | undefined {
  try {
    return readDerValue(data, SEQUENCE).encoded;
  } catch (error) {
    if (data.length === 0 || (data[0] === SEQUENCE && data.length < 65_536)) return undefined;
    throw error;
  }
}

export function readTsRequest(message: Uint8Array): TsRequest {
  const fields = readFields(message);
  const octets = (number: number): Buffer | undefined => {
    const value = fields.get(number);
    return value === undefined ? undefined : readDerValue(value, OCTETS).content;
  };
  const tokens = fields.get(1);
  const first =
    tokens === undefined ? undefined : readDerValue(readDerValue(tokens, SEQUENCE).content, SEQUENCE);
  const token = first === undefined ? undefined : readFields(first.encoded).get(0);
  return {
    version: numberOf(fields.get(0)),
    negoToken: token === undefined ? undefined : readDerValue(token, OCTETS).content,
    authInfo: octets(2),
    pubKeyAuth: octets(3),
    clientNonce: octets(5),
  };
}

export function writeTsRequest({ version, negoToken, pubKeyAuth, errorCode }: TsRequest): Buffer {
  const fields = [field(0, integer(version))];
  if (negoToken !== undefined)
    fields.push(field(1, der(SEQUENCE, der(SEQUENCE, field(0, der(OCTETS, negoToken))))));
  if (pubKeyAuth !== undefined) fields.push(field(3, der(OCTETS, pubKeyAuth)));
  if (errorCode !== undefined) fields.push(field(4, integer(errorCode)));
  return der(SEQUENCE, ...fields);
}

/** TSCredentials with TSPasswordCreds inside. */
export function readCredentials(data: Uint8Array): DelegatedCredential {
  const inner = readDerValue(readFields(data).get(1) ?? Buffer.alloc(0), OCTETS).content;
  const fields = readFields(inner);
  const text = (number: number): string =>
    readDerValue(fields.get(number) ?? Buffer.alloc(0), OCTETS).content.toString('utf16le');
  return { domain: text(0), userName: text(1), password: text(2) };
}

/** Signed, as DER has it: an NTSTATUS is a negative number of four octets. */
function integer(value: number): Buffer {
  if (value < 0x80) return der(INTEGER, Buffer.of(value));
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return der(INTEGER, octets);
}

function numberOf(value: Buffer | undefined): number {
  const { content } = readDerValue(value ?? Buffer.alloc(0), INTEGER);
  return content.length === 0 || content.length > 4 ? 0 : content.readIntBE(0, content.length);
}
