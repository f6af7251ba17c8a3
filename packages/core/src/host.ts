import type { Duplex } from 'node:stream';
import type { Secret } from './secret.ts';

/** Milliseconds since 1970, and waiting; replaceable, so that tests do not wait. */
export interface Clock {
  now(): number;
  /** Ends after `milliseconds`, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Runs `ring` once, after `milliseconds`, unless what it returns is called before. */
  after(milliseconds: number, ring: () => void): () => void;
}

/** Where messages for people and machines go. Fields must be free of secrets; a `Secret` among them prints as `[secret]`. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Where to connect to, and how TLS is to be set up there. */
export interface DialTarget {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsTarget | undefined;
}

export interface TlsTarget {
  /** The name the certificate must be for; `host` when absent. */
  readonly serverName?: string | undefined;
  /** Checks that a person has said to leave out. A pin is checked all the same. */
  readonly skip?:
    { readonly authority?: boolean | undefined; readonly name?: boolean | undefined } | undefined;
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** PEM texts. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly privateKey: Secret;
}

/**
 * What core lends a provider. Third parties destructure it; first-party providers let `resolve` build an `@injectable()`
 * class from it.
 */
export interface Host {
  readonly log: Logger;
  readonly clock: Clock;
  /**
   * The Fetch API over `dial`: proxies, pins, the allow list and limits on size hold. It follows no redirect, and throws
   * `DisconnectError` (`unreachable`, `untrusted`, `timeout`, `aborted`, `protocol`) instead of a bare `TypeError`.
   */
  readonly fetch: typeof fetch;
  /** A TCP or TLS connection. TLS is verified, against pins and CAs, before the first byte of the caller's leaves. */
  dial(target: DialTarget, signal: AbortSignal): Promise<Duplex>;
  /** Builds `type` in a container of this provider's own, which knows the tokens of this file and `options` as `OPTIONS`. */
  resolve<T>(type: new (...args: never[]) => T, options: unknown): T;
}

/** Injection tokens; `Symbol.for`, so that two installed copies of this package agree on them. */
export const LOG = Symbol.for('slipline.LOG');
export const FETCH = Symbol.for('slipline.FETCH');
export const DIAL = Symbol.for('slipline.DIAL');
export const CLOCK = Symbol.for('slipline.CLOCK');
export const OPTIONS = Symbol.for('slipline.OPTIONS');
