import { context, DerReader, der, derInteger, derOid, Tag } from './der.ts';
import { AuthError } from './errors.ts';

/** RFC 4178 section 4.2; MS-SPNG 2.2.1. */

const SPNEGO = derOid('1.3.6.1.5.5.2');
const WHAT = "The server's SPNEGO token";
// Kerberos tickets with large group lists reach 64 KiB.
const MAX_TOKEN = 131_072;

type NegState = 'completed' | 'incomplete' | 'rejected' | 'request-mic';
const STATES: readonly NegState[] = ['completed', 'incomplete', 'rejected', 'request-mic'];

export interface NegTokenResp {
  readonly state?: NegState | undefined;
  /** An object identifier, whole, in DER. */
  readonly supportedMech?: Uint8Array | undefined;
  readonly responseToken?: Uint8Array | undefined;
  readonly mechListMic?: Uint8Array | undefined;
}

/** The MechTypeList, which the mechListMIC covers from its tag on. */
export function writeMechTypes(oids: readonly string[]): Buffer {
  return der(Tag.SEQUENCE, ...oids.map(derOid));
}

export function writeInit(mechTypes: Uint8Array, mechToken: Uint8Array): Buffer {
  const init = der(
    Tag.SEQUENCE,
    der(context(0), mechTypes),
    der(context(2), der(Tag.OCTET_STRING, mechToken)),
  );
  return der(Tag.APPLICATION_0, SPNEGO, der(context(0), init));
}

/** What a client answers with: never a choice of mechanism, always incomplete, as Windows does. */
export function writeResponse(token: Uint8Array | undefined, mechListMic: Uint8Array | undefined): Buffer {
  const octets = (value: Uint8Array | undefined, number: number) =>
    value === undefined ? undefined : der(context(number), der(Tag.OCTET_STRING, value));
  const state = der(context(0), derInteger(STATES.indexOf('incomplete'), Tag.ENUMERATED));
  return der(context(1), der(Tag.SEQUENCE, state, octets(token, 2), octets(mechListMic, 3)));
}

export function readResponse(token: Uint8Array): NegTokenResp {
  const outer = readerOf(token);
  const response = outer.into(context(1)).into(Tag.SEQUENCE);
  outer.expectEnd();
  const number = response.optionalInto(context(0))?.integer(Tag.ENUMERATED);
  const state = number === undefined ? undefined : STATES[number];
  if (number !== undefined && state === undefined) throw new AuthError('bad-token', `${WHAT} is malformed.`);
  const octets = (tag: number) => response.optionalInto(tag)?.read(Tag.OCTET_STRING);
  return {
    state,
    supportedMech: response.optionalInto(context(1))?.readWhole(Tag.OID),
    responseToken: octets(context(2)),
    mechListMic: octets(context(3)),
  };
}

/** The mechanisms that a server announces before it is asked (NegTokenInit2), whole, in DER. Nothing protects this list. */
export function readHint(token: Uint8Array): Uint8Array[] {
  const outer = readerOf(token).into(Tag.APPLICATION_0);
  if (!SPNEGO.equals(outer.readWhole(Tag.OID)))
    throw new AuthError('bad-token', `${WHAT} is of another protocol.`);
  const list = outer.into(context(0)).into(Tag.SEQUENCE).optionalInto(context(0))?.into(Tag.SEQUENCE);
  const oids: Uint8Array[] = [];
  while (list !== undefined && !list.isAtEnd) oids.push(list.readWhole(Tag.OID));
  return oids;
}

function readerOf(token: Uint8Array): DerReader {
  if (token.length > MAX_TOKEN)
    throw new AuthError('bad-token', `${WHAT} is longer than ${MAX_TOKEN} octets.`);
  return new DerReader(token, WHAT);
}
