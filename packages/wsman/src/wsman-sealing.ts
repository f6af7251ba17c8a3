import { DisconnectError } from '@slipline/core';
import type { SecurityContext } from '@slipline/windows-auth';

export type SealedScheme = 'Negotiate' | 'Kerberos' | 'CredSSP';

const PROTOCOLS: Readonly<Record<SealedScheme, string>> = {
  Negotiate: 'application/HTTP-SPNEGO-session-encrypted',
  Kerberos: 'application/HTTP-Kerberos-session-encrypted',
  CredSSP: 'application/HTTP-CredSSP-session-encrypted',
};

const SOAP = 'application/soap+xml;charset=UTF-8';
const BOUNDARY = 'Encrypted Boundary';
/** What one TLS record, and so one part of CredSSP, can hold. */
const CHUNK = 16_384;
const MOST_PARTS = 1024;

/** Encrypts a message for HTTP, as MS-WSMV 2.2.9.1 frames it. */
export function seal(
  context: SecurityContext,
  scheme: SealedScheme,
  text: string,
): { readonly contentType: string; readonly body: Buffer } {
  const plain = Buffer.from(text, 'utf8');
  const protocol = PROTOCOLS[scheme];
  const isSplit = scheme === 'CredSSP' && plain.length > CHUNK;
  const parts: Buffer[] = [];
  for (let start = 0; start < plain.length || start === 0; start += CHUNK) {
    const chunk = isSplit ? plain.subarray(start, start + CHUNK) : plain;
    const { token, data } = context.wrap(chunk);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(token.length);
    parts.push(Buffer.from(partHead(protocol, chunk.length)), length, Buffer.from(token), Buffer.from(data));
    if (!isSplit) break;
  }
  parts.push(Buffer.from(`--${BOUNDARY}--\r\n`));
  const media = isSplit ? 'multipart/x-multi-encrypted' : 'multipart/encrypted';
  return {
    contentType: `${media};protocol="${protocol}";boundary="${BOUNDARY}"`,
    body: Buffer.concat(parts),
  };
}

function partHead(protocol: string, length: number): string {
  return (
    `--${BOUNDARY}\r\n\tContent-Type: ${protocol}\r\n\tOriginalContent: type=${SOAP};Length=${length}\r\n` +
    `--${BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n`
  );
}

export function isSealed(contentType: string): boolean {
  return /^\s*multipart\/(x-multi-)?encrypted\b/i.test(contentType);
}

/** One part as it came: what was sealed, and how long it was before. */
export interface SealedPart {
  readonly length: number;
  readonly token: Buffer;
  readonly data: Buffer;
}

// Exchange writes a space after the dashes.
const HEAD =
  /^--[ \t]*Encrypted Boundary\r\n[ \t]*Content-Type:[ \t]*application\/HTTP-[A-Za-z]{1,20}-session-encrypted\r\n[ \t]*OriginalContent:[ \t]*type=[^\r\n]{1,200}?;[ \t]*Length=(\d{1,9})[ \t]*\r\n--[ \t]*Encrypted Boundary\r\n[ \t]*Content-Type:[ \t]*application\/octet-stream\r\n/i;
const END = /^--[ \t]*Encrypted Boundary--(\r\n)?$/i;
const LONGEST_HEAD = 1024;
const LONGEST_SLACK = 256;

/**
 * The parts of a sealed answer. Sealed data is binary and may look like a boundary: each part ends where its length says, or, where
 * TLS made it longer, at the boundary after that. Throws `protocol` for what is cut off or is no such answer.
 */
export function readParts(body: Buffer): readonly SealedPart[] {
  const parts: SealedPart[] = [];
  let rest = body;
  while (parts.length < MOST_PARTS) {
    const head = HEAD.exec(rest.subarray(0, LONGEST_HEAD).toString('latin1'));
    if (head === null) break;
    const sealed = rest.subarray(head[0].length);
    const length = Number(head[1]);
    if (sealed.length < 4) break;
    const tokenLength = sealed.readUInt32LE();
    const end = boundaryFrom(sealed, 4 + tokenLength + length);
    if (end === undefined) break;
    parts.push({
      length,
      token: sealed.subarray(4, 4 + tokenLength),
      data: sealed.subarray(4 + tokenLength, end),
    });
    rest = sealed.subarray(end);
    if (END.test(rest.subarray(0, 64).toString('latin1'))) return parts;
  }
  throw new DisconnectError('protocol', 'the encrypted answer is cut off or wrongly framed', {
    next: 'try again; if it stays so, look for what changes answers on the way',
    mayHaveTakenEffect: true,
  });
}

/** Where the next boundary begins: at `from`, or later by no more than what TLS puts around the data. */
function boundaryFrom(sealed: Buffer, from: number): number | undefined {
  const text = sealed.subarray(from, from + LONGEST_SLACK).toString('latin1');
  const found = /--[ \t]*Encrypted Boundary/i.exec(text);
  return found === null ? undefined : from + found.index;
}

/** Undoes `seal` of the other side. Throws `protocol`, or what the context throws where something was changed. */
export function unseal(context: SecurityContext, body: Buffer): string {
  const plain = readParts(body).map(({ length, token, data }) => {
    const opened = Buffer.from(context.unwrap({ token, data }));
    if (opened.length === length) return opened;
    throw new DisconnectError('protocol', 'the encrypted answer has another length than it says', {
      next: 'try again; if it stays so, look for what changes answers on the way',
      mayHaveTakenEffect: true,
    });
  });
  return Buffer.concat(plain).toString('utf8');
}
