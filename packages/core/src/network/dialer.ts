import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { DisconnectError } from '../errors.ts';
import type { DialTarget } from '../host.ts';
import type { TrustStore } from '../ledger.ts';
import { describeThrown } from '../thrown.ts';
import { proxyFor, tunnel, type ProxySettings } from './proxy.ts';
import {
  certificateFacts,
  secureContext,
  systemAuthorities,
  type CertificateFacts,
  type Expectation,
} from './trust.ts';

/** A name that is dialled elsewhere; TLS still checks the name. `port` absent maps every port. */
export interface ResolveRule {
  readonly host: string;
  readonly port?: number | undefined;
  readonly address: string;
  readonly toPort: number;
}

export interface NetworkOptions {
  /** PEM texts of CAs that are trusted besides the built-in and the system's ones. */
  readonly authorities?: readonly string[] | undefined;
  readonly resolve?: readonly ResolveRule[] | undefined;
  readonly proxy?: ProxySettings | undefined;
  /** Refuses targets, by name and port, before anything is sent. */
  readonly allow?: ((target: { readonly host: string; readonly port: number }) => boolean) | undefined;
  /** Milliseconds until a connection must stand, handshake included; 10,000 when absent. */
  readonly connectTimeout?: number | undefined;
  /** The most bytes one HTTP answer may have; 16 MiB when absent. */
  readonly largestBody?: number | undefined;
}

/** Whether a certificate that nothing vouches for may be trusted from now on. */
export type TrustQuestion = (certificate: CertificateFacts, signal: AbortSignal) => Promise<boolean>;

/** Opens connections: resolve rules, allow list, proxy, then TLS checked against pin or CAs before anything is sent. */
export class Dialer {
  readonly #options: NetworkOptions;
  readonly #trust: () => Promise<TrustStore>;
  readonly #ask: TrustQuestion | undefined;
  readonly #expected = new Map<string, Expectation>();
  readonly #asking = new Map<string, Promise<boolean>>();
  /** `name:port` of every host an expectation has held for. */
  readonly #met = new Map<string, Expectation>();

  constructor(options: NetworkOptions, trust: () => Promise<TrustStore>, ask: TrustQuestion | undefined) {
    this.#options = options;
    this.#trust = trust;
    this.#ask = ask;
  }

  /** For the rest of this process, any port of `host` must satisfy this. */
  expect(host: string, expectation: Expectation): void {
    this.#expected.set(host.toLowerCase(), expectation);
  }

  /** Keeps for later processes what held for `host` since `expect`. */
  async keepExpectation(host: string): Promise<void> {
    const store = await this.#trust();
    for (const [where, expectation] of this.#met) {
      if (where.slice(0, where.lastIndexOf(':')) === host.toLowerCase())
        await store.save({ host: where, ...expectation });
    }
  }

  async dial(target: DialTarget, signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted();
    if (this.#options.allow?.(target) === false) {
      throw new DisconnectError('forbidden', 'this target is not allowed by the configuration', {
        system: nameOf(target),
      });
    }
    if (target.tls === undefined) return this.#bounded(target, signal, (bound) => this.#tcp(target, bound));
    return this.#secured(target, signal);
  }

  async #bounded<T>(
    target: DialTarget,
    signal: AbortSignal,
    connect: (bound: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeout = this.#options.connectTimeout ?? 10_000;
    const bound = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    try {
      return await connect(bound);
    } catch (error) {
      signal.throwIfAborted();
      if (bound.aborted) throw unreachable(target, `no connection within ${timeout / 1000} s`, error);
      throw DisconnectError.is(error) ? error : unreachable(target, wordsFor(error), error);
    }
  }

  async #secured(target: DialTarget, signal: AbortSignal): Promise<Socket> {
    const where = nameOf(target);
    const expectation = this.#expected.get(target.host.toLowerCase());
    const known = expectation ?? (await (await this.#trust()).find(where));
    const authorities = [
      ...(this.#options.authorities ?? []),
      ...(known?.authority === undefined ? [] : [known.authority]),
    ];
    const shake = (withSystem: boolean): Promise<TLSSocket> =>
      this.#bounded(target, signal, (bound) => this.#handshake(target, authorities, withSystem, bound));
    let socket = await shake(false);
    if (known?.pin !== undefined) return this.#checkPin(socket, where, known.pin, expectation);
    if (!socket.authorized && lacksIssuer(socket) && systemAuthorities().length > 0) {
      socket.destroy();
      socket = await shake(true);
    }
    if (socket.authorized) {
      if (expectation !== undefined) this.#met.set(where, expectation);
      return socket;
    }
    return this.#askFor(socket, where, signal);
  }

  #checkPin(socket: TLSSocket, where: string, pin: string, expectation: Expectation | undefined): Socket {
    const facts = certificateFacts(where, socket);
    if (facts.fingerprint === pin) {
      if (expectation !== undefined) this.#met.set(where, expectation);
      return socket;
    }
    socket.destroy();
    throw new DisconnectError(
      'untrusted',
      `the certificate is not the pinned one: it is sha256:${facts.fingerprint}, pinned is sha256:${pin}`,
      {
        system: where,
        next: `if the change is known to be right: slipline trust remove ${where}, then connect again`,
      },
    );
  }

  async #askFor(socket: TLSSocket, where: string, signal: AbortSignal): Promise<Socket> {
    const facts = certificateFacts(where, socket);
    if (this.#ask !== undefined) {
      const asked = this.#asking.get(where) ?? this.#ask(facts, signal);
      this.#asking.set(where, asked);
      const isTrusted = await asked.finally(() => this.#asking.delete(where));
      if (isTrusted) {
        await (await this.#trust()).save({ host: where, pin: facts.fingerprint });
        return socket;
      }
    }
    socket.destroy();
    throw new DisconnectError(
      'untrusted',
      `the certificate cannot be verified (${facts.problem}); it is sha256:${facts.fingerprint}`,
      {
        system: where,
        next: 'give the CA with --ca-file, or, once the fingerprint is confirmed at the system itself, connect with --pin',
        details: { fingerprint: facts.fingerprint },
      },
    );
  }

  async #handshake(
    target: DialTarget,
    authorities: readonly string[],
    withSystem: boolean,
    signal: AbortSignal,
  ): Promise<TLSSocket> {
    const context = secureContext(authorities, withSystem);
    const proxy = proxyFor(this.#options.proxy ?? {}, target.host, target.port);
    const transport =
      proxy === undefined
        ? await this.#tcp(target, signal)
        : await tunnel(proxy, target.host, target.port, signal);
    const name = target.tls?.serverName ?? target.host;
    const client = target.tls?.clientCertificate;
    const socket = connectTls({
      socket: transport,
      // The handshake always completes; whether to go on is decided by the caller, before a byte of the application's leaves.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      host: name,
      ALPNProtocols: ['http/1.1'],
      ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
      ...(context === undefined ? {} : { secureContext: context }),
      ...(client === undefined
        ? {}
        : {
            secureContext: undefined,
            cert: client.certificate,
            key: client.privateKey.reveal(),
            ca: [...authorities],
          }),
    });
    return established(socket, 'secureConnect', signal);
  }

  #tcp(target: DialTarget, signal: AbortSignal): Promise<Socket> {
    const name = target.host.toLowerCase();
    const rule = this.#options.resolve?.find(
      ({ host, port }) => host.toLowerCase() === name && (port === undefined || port === target.port),
    );
    const host = rule?.address ?? target.host;
    const socket = connectTcp({
      host: host.replace(/^\[|\]$/g, ''),
      port: rule?.toPort ?? target.port,
      noDelay: true,
    });
    return established(socket, 'connect', signal);
  }
}

function established<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener(event, onReady).removeListener('error', onError).removeListener('close', onClose);
      end();
    };
    const onReady = settle(() => resolve(socket));
    const onClose = settle(() => reject(new Error('the connection was closed while it was being set up')));
    const onAbort = settle(() => {
      socket.on('error', () => undefined).destroy();
      reject(signal.reason as Error);
    });
    function onError(error: Error): void {
      settle(() => reject(error))();
    }
    socket.once(event, onReady).once('error', onError).once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function nameOf(target: DialTarget): string {
  return `${target.host.toLowerCase()}:${target.port}`;
}

function lacksIssuer(socket: TLSSocket): boolean {
  const problem = String(socket.authorizationError);
  return /SELF_SIGNED|ISSUER|VERIFY_LEAF|self.signed|issuer/i.test(problem);
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: the connection was refused',
  ENOTFOUND: 'the name cannot be resolved',
  EAI_AGAIN: 'the name cannot be resolved at the moment',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was reset',
};

/** One sentence for a socket error; the code itself where there is none. */
export function wordsFor(error: unknown): string {
  const { code, message } = describeThrown(error);
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'there is no TLS that this client can speak';
  return WORDS[code] ?? message;
}

function unreachable(target: DialTarget, what: string, cause: unknown): DisconnectError {
  return new DisconnectError('unreachable', what, {
    system: nameOf(target),
    cause,
    next: 'check name, port and network; --resolve NAME:ADDRESS:PORT maps a name',
  });
}
