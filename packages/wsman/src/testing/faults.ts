import { NAMESPACES } from './namespaces.ts';
import type { RequestKind } from './recorded-request.ts';
import type { FaultName } from './wsman-faults.ts';

/** A way to misbehave. `faults` makes them. */
export type Fault =
  | { readonly kind: 'answer'; readonly answer: RawAnswer }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'soap-fault'; readonly name: FaultName }
  | { readonly kind: 'unsealed' }
  | { readonly kind: 'tamper'; readonly what: 'signature' | 'data' | 'length' | 'relates-to' | 'truncate' }
  | { readonly kind: 'replay' }
  | { readonly kind: 'huge'; readonly bytes: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'hang' | 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'lie' }
  | { readonly kind: 'vanish' };

/** Which requests a fault strikes; all of them where nothing is said. */
export interface FaultScope {
  readonly operation?: RequestKind | undefined;
  /** How many requests it leaves alone first; none when absent. */
  readonly skip?: number | undefined;
  /** How many requests it strikes; until it is removed when absent. */
  readonly times?: number | undefined;
}

/** An answer given in place of the real one; sealed where the request was, unless it has a content type of its own. */
export interface RawAnswer {
  readonly status: number;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

const ENTITIES = Array.from(
  { length: 9 },
  (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`,
).join('');
const LAUGHS =
  `<!DOCTYPE s:Envelope [<!ENTITY l0 "ha">${ENTITIES}]>` +
  `<s:Envelope xmlns:s="${NAMESPACES.s}"><s:Body>&l9;</s:Body></s:Envelope>`;

const answer = (raw: RawAnswer): Fault => ({ kind: 'answer', answer: raw });

/** Every way in which the service can misbehave once a request has been understood. */
export const faults = {
  /** Any answer at all. */
  answer,
  redirect: (location: string, status = 302): Fault =>
    answer({ status, headers: { location }, contentType: 'text/html' }),
  html: (status = 200): Fault =>
    answer({
      status,
      contentType: 'text/html; charset=us-ascii',
      body: '<!DOCTYPE HTML><html><head><title>Service Unavailable</title></head><body>\u202e\u001b[31mTry later</body></html>',
    }),
  emptyError: (): Fault => answer({ status: 500 }),
  busy: (): Fault => answer({ status: 503 }),
  unauthorized: (...schemes: readonly string[]): Fault =>
    answer({ status: 401, headers: { 'www-authenticate': schemes } }),
  forbidden: (): Fault => answer({ status: 403 }),
  billionLaughs: (): Fault => answer({ status: 200, body: LAUGHS }),
  deepXml: (depth = 100_000): Fault =>
    answer({ status: 200, body: '<a>'.repeat(depth) + '</a>'.repeat(depth) }),
  notXml: (): Fault => answer({ status: 200, body: 'no XML, & no end <' }),
  emptyEnvelope: (): Fault =>
    answer({ status: 200, body: `<s:Envelope xmlns:s="${NAMESPACES.s}"><s:Body/></s:Envelope>` }),
  /** A fault of WS-Management with the status that the settings give. */
  soapFault: (name: FaultName): Fault => ({ kind: 'soap-fault', name }),
  /** The real answer with another status: a fault with 200. */
  status: (status: number): Fault => ({ kind: 'status', status }),
  /** The real answer in the clear, although the request was sealed. */
  unsealed: (): Fault => ({ kind: 'unsealed' }),
  tamperedSignature: (): Fault => ({ kind: 'tamper', what: 'signature' }),
  tamperedData: (): Fault => ({ kind: 'tamper', what: 'data' }),
  /** OriginalContent gives another length. */
  wrongLength: (): Fault => ({ kind: 'tamper', what: 'length' }),
  /** Half of the body, and a Content-Length that fits it. */
  truncated: (): Fault => ({ kind: 'tamper', what: 'truncate' }),
  /** The reply to another message. */
  wrongRelatesTo: (): Fault => ({ kind: 'tamper', what: 'relates-to' }),
  /** The last sealed answer of this connection once more. */
  replay: (): Fault => ({ kind: 'replay' }),
  /** An envelope that goes on for so many octets. */
  huge: (bytes = 64 * 1024 * 1024): Fault => ({ kind: 'huge', bytes }),
  /** The connection ends in the middle of the body. */
  cut: (): Fault => ({ kind: 'cut' }),
  hang: (when: 'before' | 'after' = 'before'): Fault => ({ kind: 'hang', when }),
  reset: (when: 'before' | 'after' = 'before'): Fault => ({ kind: 'reset', when }),
  /** Success is answered, and nothing done: for operations whose reply is empty. */
  lie: (): Fault => ({ kind: 'lie' }),
  /** The shell that the request names ends just before. */
  vanish: (): Fault => ({ kind: 'vanish' }),
} as const;
