import { context, der, DerReader, derInteger, Tag } from './der.ts';
import { AuthError } from './errors.ts';

/** MS-CSSP 2.2.1. */

const VERSION = 6;

export interface TsRequest {
  readonly version: number;
  readonly negoToken?: Uint8Array | undefined;
  readonly authInfo?: Uint8Array | undefined;
  readonly pubKeyAuth?: Uint8Array | undefined;
  /** An NTSTATUS or HRESULT, unsigned. */
  readonly errorCode?: number | undefined;
  readonly clientNonce?: Uint8Array | undefined;
}

const WHAT = "The server's CredSSP message";

export function writeTsRequest(request: Omit<TsRequest, 'version' | 'errorCode'>): Buffer {
  const octets = (number: number, value: Uint8Array | undefined) =>
    value === undefined ? undefined : der(context(number), der(Tag.OCTET_STRING, value));
  const token = octets(0, request.negoToken);
  return der(
    Tag.SEQUENCE,
    der(context(0), derInteger(VERSION)),
    token && der(context(1), der(Tag.SEQUENCE, der(Tag.SEQUENCE, token))),
    octets(2, request.authInfo),
    octets(3, request.pubKeyAuth),
    octets(5, request.clientNonce),
  );
}

export function readTsRequest(message: Uint8Array): TsRequest {
  const outer = new DerReader(message, WHAT);
  const request = outer.into(Tag.SEQUENCE);
  outer.expectEnd();
  const version = request.into(context(0)).integer();
  const tokens = request.optionalInto(context(1))?.into(Tag.SEQUENCE);
  const octets = (number: number) => request.optionalInto(context(number))?.read(Tag.OCTET_STRING);
  return {
    version,
    negoToken:
      tokens?.isAtEnd === false
        ? tokens.into(Tag.SEQUENCE).into(context(0)).read(Tag.OCTET_STRING)
        : undefined,
    authInfo: octets(2),
    pubKeyAuth: octets(3),
    errorCode: errorCodeOf(request.optionalInto(context(4))),
    clientNonce: octets(5),
  };
}

/** How many octets the message that starts here has; nothing while that cannot be told yet. */
export function lengthOfTsRequest(start: Uint8Array): number | undefined {
  const [tag, first] = start;
  if (tag !== undefined && tag !== Tag.SEQUENCE) throw malformed();
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw malformed();
  return start.length < 2 + count ? undefined : 2 + count + Buffer.from(start).readUIntBE(2, count);
}

/** TSCredentials around TSPasswordCreds. The caller wipes what it gave and what it gets. */
export function writePasswordCredentials(domain: string, user: string, password: Uint8Array): Buffer {
  const utf16 = (number: number, value: Uint8Array) => der(context(number), der(Tag.OCTET_STRING, value));
  const clear = der(
    Tag.SEQUENCE,
    utf16(0, Buffer.from(domain, 'utf16le')),
    utf16(1, Buffer.from(user, 'utf16le')),
    utf16(2, password),
  );
  const PASSWORD = 1;
  const credentials = der(
    Tag.SEQUENCE,
    der(context(0), derInteger(PASSWORD)),
    der(context(1), der(Tag.OCTET_STRING, clear)),
  );
  clear.fill(0);
  return credentials;
}

function errorCodeOf(reader: DerReader | undefined): number | undefined {
  return reader === undefined ? undefined : reader.integer() >>> 0;
}

function malformed(): AuthError {
  return new AuthError('bad-token', `${WHAT} is malformed.`);
}
