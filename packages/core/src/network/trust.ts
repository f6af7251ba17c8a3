import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import tls, { type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import { DisconnectError } from '../errors.ts';
import type { ClientCertificate } from '../host.ts';
import { describeThrown } from '../thrown.ts';

/** What a person needs to decide whether a server may be trusted. */
export interface CertificateFacts {
  /** `name:port`. */
  readonly host: string;
  /** SHA-256, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339. */
  readonly validTo: string;
  /** Why it is not trusted as it is, in OpenSSL's words. */
  readonly problem: string;
}

/** What is known of one server before it is dialled. */
export interface Expectation {
  readonly pin?: string | undefined;
  readonly authority?: string | undefined;
}

/** Call it once for a socket: Node may not show the certificate a second time. */
export function certificateFacts(host: string, socket: TLSSocket): CertificateFacts {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    throw new DisconnectError('untrusted', 'the server showed no certificate', { system: host });
  }
  return {
    host,
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: certificate.subject ?? '',
    issuer: certificate.issuer ?? '',
    validTo: asRfc3339(certificate.validTo),
    problem: problemOf(socket),
  };
}

/** What Node checks; but Node 22 finds no IPv6 address in a certificate, which OpenSSL does. */
export function checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  if (isIPv6(host) && new X509Certificate(certificate.raw).checkIP(host) !== undefined) return undefined;
  return tls.checkServerIdentity(host, certificate);
}

function asRfc3339(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}

// Node's types say Error, its documentation and its code say string for some failures.
function problemOf(socket: TLSSocket): string {
  const problem: unknown = socket.authorizationError;
  if (problem === null || problem === undefined) return '';
  const { code, message } = describeThrown(problem);
  return code || message;
}

/** What a chain may end in: `authorities`, and besides them nothing, what Node brings, or the system's own as well. */
export interface Roots {
  readonly authorities: readonly string[];
  readonly others: 'none' | 'built-in' | 'system';
}

const contexts = new Map<string, SecureContext>();

/**
 * A TLS context that trusts these roots and shows `client`; `undefined` where Node's own does. Contexts without a client are
 * made once for the same roots, since parsing CAs is slow.
 */
export function secureContext(roots: Roots, client?: ClientCertificate): SecureContext | undefined {
  const { authorities, others } = roots;
  if (client !== undefined) return createContext(roots, client);
  if (others === 'built-in' && authorities.length === 0) return undefined;
  const key = JSON.stringify([authorities, others]);
  const context = contexts.get(key) ?? createContext(roots);
  contexts.set(key, context);
  return context;
}

function createContext({ authorities, others }: Roots, client?: ClientCertificate): SecureContext {
  const ca = [
    ...(others === 'none' ? [] : defaultAuthorities()),
    ...(others === 'system' ? systemAuthorities() : []),
    ...authorities,
  ];
  const shown = client && { cert: client.certificate, key: client.privateKey.reveal() };
  try {
    // OpenSSL passes over what is no certificate, and then trusts fewer than were asked for.
    for (const authority of authorities) new X509Certificate(authority);
    return tls.createSecureContext({ ca, minVersion: 'TLSv1.2', ...shown });
  } catch (cause) {
    const what =
      client === undefined ? 'a CA certificate' : 'a CA certificate, or the client’s own or its key,';
    throw new DisconnectError('invalid-request', `${what} cannot be read: it must be PEM`, { cause });
  }
}

type CaStore = { getCACertificates?: (type: 'default' | 'system') => string[] };

/** The operating system's CAs, where Node can read them (22.15 and later). */
export function systemAuthorities(): readonly string[] {
  return (tls as CaStore).getCACertificates?.('system') ?? [];
}

// With `ca` given, Node 20 forgets NODE_EXTRA_CA_CERTS; later versions count it among the default ones.
function defaultAuthorities(): readonly string[] {
  const known = (tls as CaStore).getCACertificates?.('default');
  if (known !== undefined) return known;
  const file = process.env['NODE_EXTRA_CA_CERTS'];
  return file === undefined || file === ''
    ? tls.rootCertificates
    : [...tls.rootCertificates, readFileSync(file, 'utf8')];
}
