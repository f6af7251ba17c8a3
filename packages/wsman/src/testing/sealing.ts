/** An envelope as HTTP message encryption carries it (MS-WSMV 2.2.9.1). */
export interface SealedBody {
  readonly token: Buffer;
  readonly data: Buffer;
  /** `type` of OriginalContent: what the clear text is. */
  readonly originalType: string;
  /** `Length` of OriginalContent: of the clear text, in octets. */
  readonly length: number;
}

export const SPNEGO_PROTOCOL = 'application/HTTP-SPNEGO-session-encrypted';
export const SEALED_TYPE = `multipart/encrypted;protocol="${SPNEGO_PROTOCOL}";boundary="Encrypted Boundary"`;
export const SOAP_TYPE = 'application/soap+xml;charset=UTF-8';

const BOUNDARY = '--Encrypted Boundary';
const CLOSING = /--\s?Encrypted Boundary--(?:\r\n)?$/;
/** The first part whole and the head of the second. Tabs count and header names are case-sensitive, as in Windows. */
const HEAD = new RegExp(
  `^${BOUNDARY}\\r\\n\\tContent-Type: ([^\\r\\n]+)\\r\\n` +
    `\\tOriginalContent: type=([^\\r\\n]+);Length=(\\d+)\\r\\n` +
    `${BOUNDARY}\\r\\n\\tContent-Type: application/octet-stream\\r\\n`,
);

export function isSealed(contentType: string): boolean {
  return /^multipart\/encrypted\s*;/i.test(contentType);
}

/** Nothing where the body is not exactly what the specification says. */
export function readSealed(body: Buffer): SealedBody | undefined {
  const head = HEAD.exec(body.toString('latin1', 0, 1024));
  if (head === null || head[1] !== SPNEGO_PROTOCOL) return undefined;
  const start = head[0].length;
  if (start + 4 > body.length) return undefined;
  const dataStart = start + 4 + body.readUInt32LE(start);
  const length = Number(head[3]);
  const closing = body.toString('latin1', dataStart + length);
  if (dataStart + length > body.length || CLOSING.exec(closing)?.index !== 0) return undefined;
  return {
    token: body.subarray(start + 4, dataStart),
    data: body.subarray(dataStart, dataStart + length),
    originalType: head[2] ?? '',
    length,
  };
}

export function writeSealed({ token, data, originalType, length }: SealedBody): Buffer {
  const tokenLength = Buffer.alloc(4);
  tokenLength.writeUInt32LE(token.length);
  return Buffer.concat([
    Buffer.from(
      `${BOUNDARY}\r\n\tContent-Type: ${SPNEGO_PROTOCOL}\r\n` +
        `\tOriginalContent: type=${originalType};Length=${length}\r\n` +
        `${BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n`,
      'latin1',
    ),
    tokenLength,
    token,
    data,
    Buffer.from(`${BOUNDARY}--\r\n`, 'latin1'),
  ]);
}
