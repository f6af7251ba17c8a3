import type { IncomingHttpHeaders } from 'node:http';
import type { Verdict } from './authenticator.ts';
import { readEnvelope, type WsmanRequest } from './envelope.ts';
import type { MessageProtection } from './message-protection.ts';
import { isSealed } from './sealing.ts';
import type { Settings } from './settings.ts';
import { WsmanFault } from './wsman-faults.ts';

/** One HTTP request as it came. */
export interface Arrival {
  readonly transport: 'http' | 'https';
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Nothing where it is too large. */
  readonly body: Buffer | undefined;
}

/** What a request turns out to be. */
export type Understanding =
  /** Answered by HTTP's own means. */
  | { readonly kind: 'refused'; readonly status: number; readonly isContextLost?: boolean }
  /** Signed in, and nothing else asked for. */
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'envelope';
      readonly soap: string;
      /** Or why it is none, or none that the service takes. */
      readonly request: WsmanRequest | WsmanFault;
      /** Seals the answer, since it sealed the request. */
      readonly protection?: MessageProtection | undefined;
    };

const refused = (status: number): Understanding => ({ kind: 'refused', status });

/** The checks before anybody is asked who they are. */
export function checkArrival(
  { method, path, body }: Arrival,
  { applicationName }: Settings,
): Understanding | undefined {
  if (path.toLowerCase() !== `/${applicationName}`) return refused(404);
  if (method !== 'POST') return refused(405);
  return body === undefined ? refused(413) : undefined;
}

/** Whether a request asks who the service is without signing in (MS-WSMV 3.1.4.1.23). */
export function isOpenIdentify({ headers, body }: Arrival): boolean {
  if (headers['wsmanidentify']?.toString().toLowerCase() !== 'unauthenticated') return false;
  try {
    return readEnvelope(body?.toString() ?? '').operation === 'Identify';
  } catch {
    return false;
  }
}

/** Opens what an accepted request carries. */
export async function understand(
  { transport, headers, body = Buffer.alloc(0) }: Arrival,
  { protection }: Extract<Verdict, { kind: 'accepted' }>,
  settings: Settings,
): Promise<Understanding> {
  const contentType = headers['content-type'] ?? '';
  if (body.length === 0) return { kind: 'empty' };
  if (isSealed(contentType)) {
    try {
      const opened = await protection?.unseal(body);
      if (opened === undefined) return refused(400);
      return read(opened.clear, opened.originalType, settings, protection);
    } catch {
      return { kind: 'refused', status: 401, isContextLost: true };
    }
  }
  if (!/^application\/soap\+xml\b/i.test(contentType)) return refused(415);
  if (transport === 'http' && !settings.allowUnencrypted) return refused(500);
  return read(body, contentType, settings, undefined);
}

function read(
  clear: Buffer,
  type: string,
  { maxEnvelopeSizeKb }: Settings,
  protection: MessageProtection | undefined,
): Understanding {
  const isUtf16 = /charset="?utf-16/i.test(type);
  const soap = clear.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\ufeff/, '');
  return { kind: 'envelope', soap, request: open(clear, soap, maxEnvelopeSizeKb), protection };
}

function open(clear: Buffer, soap: string, maxEnvelopeSizeKb: number): WsmanRequest | WsmanFault {
  if (clear.length > maxEnvelopeSizeKb * 1024) return new WsmanFault('ENVELOPE_TOO_LARGE');
  try {
    return readEnvelope(soap);
  } catch (error) {
    return error instanceof WsmanFault ? error : new WsmanFault('SCHEMA_VALIDATION_ERROR');
  }
}
