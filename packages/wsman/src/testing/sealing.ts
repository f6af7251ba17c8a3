/** One part of a body under HTTP message encryption (MS-WSMV 2.2.9.1). */
export interface SealedPart {
  /** `type` of OriginalContent: what the clear text is. */
  readonly originalType: string;
  /** `Length` of OriginalContent: of the clear text, in octets. */
  readonly length: number;
  /** The number before the encrypted octets: how many of them are the signature's, or the trailer's with CredSSP. */
  readonly tokenLength: number;
  readonly encrypted: Buffer;
}

/** How many encrypted octets a part has that begin where `rest` begins. */
export type EncryptedLength = (part: Omit<SealedPart, 'encrypted'>, rest: Buffer) => number;

export const SOAP_TYPE = 'application/soap+xml;charset=UTF-8';

const BOUNDARY = '--Encrypted Boundary';
const CLOSING = /^--\s?Encrypted Boundary--(?:\r\n)?$/;
/** What stands before the encrypted octets. Tabs count and header names are case-sensitive, as in Windows. */
const HEAD = new RegExp(
  `^${BOUNDARY}\\r\\n\\tContent-Type: ([^\\r\\n]+)\\r\\n` +
    `\\tOriginalContent: type=([^\\r\\n]+);Length=(\\d+)\\r\\n` +
    `${BOUNDARY}\\r\\n\\tContent-Type: application/octet-stream\\r\\n`,
);
const LONGEST_HEAD = 1024;

export function isSealed(contentType: string): boolean {
  return /^multipart\/(?:encrypted|x-multi-encrypted)\s*;/i.test(contentType);
}

export function sealedType(protocol: string, kind: 'encrypted' | 'x-multi-encrypted' = 'encrypted'): string {
  return `multipart/${kind};protocol="${protocol}";boundary="Encrypted Boundary"`;
}

/** Nothing where the body is not exactly what the specification says. */
export function readSealed(
  body: Buffer,
  protocol: string,
  encryptedLength: EncryptedLength,
): readonly SealedPart[] | undefined {
  const parts: SealedPart[] = [];
  for (let at = 0; ;) {
    const rest = body.subarray(at);
    if (parts.length > 0 && CLOSING.test(rest.toString('latin1', 0, 40)) && rest.length < 40) return parts;
    const head = HEAD.exec(rest.toString('latin1', 0, LONGEST_HEAD));
    if (head === null || head[1] !== protocol) return undefined;
    const start = head[0].length + 4;
    if (start > rest.length) return undefined;
    const tokenLength = rest.readUInt32LE(start - 4);
    const part = { originalType: head[2] ?? '', length: Number(head[3]), tokenLength };
    const end = start + encryptedLength(part, rest.subarray(start));
    if (end > rest.length) return undefined;
    parts.push({ ...part, encrypted: rest.subarray(start, end) });
    at += end;
  }
}

/** What a part begins with: all but the encrypted octets. */
export function partHead(protocol: string, part: Omit<SealedPart, 'encrypted'>): Buffer {
  const tokenLength = Buffer.alloc(4);
  tokenLength.writeUInt32LE(part.tokenLength);
  return Buffer.concat([
    Buffer.from(
      `${BOUNDARY}\r\n\tContent-Type: ${protocol}\r\n` +
        `\tOriginalContent: type=${part.originalType};Length=${part.length}\r\n` +
        `${BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n`,
      'latin1',
    ),
    tokenLength,
  ]);
}

export function writeSealed(protocol: string, parts: readonly SealedPart[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap((part) => [partHead(protocol, part), part.encrypted]),
    Buffer.from(`${BOUNDARY}--\r\n`, 'latin1'),
  ]);
}
