import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { DisconnectError } from '../errors.ts';
import type { DialTarget } from '../host.ts';
import type { TrustStore } from '../ledger.ts';
import { notAllowed, permittedPlace, type AllowAddress } from './addresses.ts';
import { established } from './established.ts';
import { keyOf, nameOf, unbracketed } from './host-name.ts';
import { proxyFor, tunnel, type ProxySettings } from './proxy.ts';
import {
  certificateFacts,
  checkServerIdentity,
  secureContext,
  systemAuthorities,
  type CertificateFacts,
  type Expectation,
  type Roots,
} from './trust.ts';
import { wordsFor } from './words.ts';

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
  /** Refuses addresses: asked for each that the target's name stands for, and only those permitted are dialled. Not asked
   *  for the address of a `resolve` rule, nor for what a proxy dials. */
  readonly allowAddress?: AllowAddress | undefined;
  /** Refuses to leave out a check of a certificate, whatever a provider is asked to leave out. */
  readonly verifiesAlways?: boolean | undefined;
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
  /** Which roots were needed, by `name:port`. */
  readonly #roots = new Map<string, Roots['others']>();
  /** The expectations that have held, by `name:port`. */
  readonly #met = new Map<string, { readonly host: string; readonly expectation: Expectation }>();

  constructor(options: NetworkOptions, trust: () => Promise<TrustStore>, ask: TrustQuestion | undefined) {
    this.#options = options;
    this.#trust = trust;
    this.#ask = ask;
  }

  /** For the rest of this process, any port of `host` must satisfy this. */
  expect(host: string, expectation: Expectation): void {
    const { pin, authority } = expectation;
    if (pin !== undefined || authority !== undefined) this.#expected.set(keyOf(host), expectation);
  }

  /** Keeps for later processes what held for `host` since `expect`. */
  async keepExpectation(host: string): Promise<void> {
    const store = await this.#trust();
    for (const [where, met] of this.#met) {
      if (met.host === keyOf(host)) await store.save({ host: where, ...met.expectation });
    }
  }

  async dial(wanted: DialTarget, signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted();
    const target = { ...wanted, host: unbracketed(wanted.host) };
    if (this.#options.allow?.(target) === false) throw notAllowed(target);
    const { authority, name } = target.tls?.skip ?? {};
    if (this.#options.verifiesAlways === true && (authority === true || name === true))
      throw notLeftOut(target);
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
    const expectation = this.#expected.get(keyOf(target.host));
    const known = expectation ?? (await (await this.#trust()).find(where));
    const pin = known?.pin;
    const socket = await this.#shaken(target, known, signal);
    const isAuthorized =
      pin === undefined && (socket.authorized || (known === undefined && isExcused(target, socket)));
    const facts = isAuthorized ? undefined : certificateFacts(where, socket);
    if (facts === undefined || facts.fingerprint === pin) {
      if (expectation !== undefined) this.#met.set(where, { host: keyOf(target.host), expectation });
      return socket;
    }
    if (known === undefined && (await this.#isAccepted(facts, socket, signal))) {
      // The server may not have waited as long as the person took.
      return socket.destroyed ? this.#secured(target, signal) : socket;
    }
    socket.destroy();
    throw pin === undefined ? unverified(facts) : notPinned(facts, pin);
  }

  /**
   * A handshake against few roots, and again against more where its chain ends in none of them: to read those that Node or
   * the system brings takes longer than the handshake, and a system whose CA was given needs none of them.
   */
  async #shaken(target: DialTarget, known: Expectation | undefined, signal: AbortSignal): Promise<TLSSocket> {
    const shake = (roots: Roots): Promise<TLSSocket> =>
      this.#bounded(target, signal, (bound) => this.#handshake(target, roots, bound));
    // Where a host is known by an authority, its chain must end there.
    if (known?.authority !== undefined) return shake({ authorities: [known.authority], others: 'none' });
    const { authorities = [] } = this.#options;
    const where = nameOf(target);
    const first = authorities.length > 0 ? 'none' : 'built-in';
    for (let others: Roots['others'] = this.#roots.get(where) ?? first; ;) {
      const socket = await shake({ authorities, others });
      const more = known?.pin === undefined && hasUnknownRoot(socket) ? moreThan(others) : undefined;
      if (more === undefined) return socket;
      socket.destroy();
      others = more;
      this.#roots.set(where, more);
    }
  }

  /** Asks a person, once for one certificate, and keeps a yes. */
  async #isAccepted(facts: CertificateFacts, socket: TLSSocket, signal: AbortSignal): Promise<boolean> {
    if (this.#ask === undefined) return false;
    const { host, fingerprint } = facts;
    const key = `${host} ${fingerprint}`;
    // Nobody else listens to this socket yet, and a server that is tired of waiting must not end the process.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    try {
      const trust = await this.#trust();
      // Asked and answered for another connection, while the handshake of this one was under way.
      if ((await trust.find(host))?.pin === fingerprint) return true;
      const asked = this.#asking.get(key) ?? this.#ask(facts, signal);
      this.#asking.set(key, asked);
      const isAccepted = await asked;
      if (isAccepted) await trust.save({ host, pin: fingerprint });
      return isAccepted;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      socket.off('error', ignore);
      this.#asking.delete(key);
    }
  }

  async #handshake(target: DialTarget, roots: Roots, signal: AbortSignal): Promise<TLSSocket> {
    const context = secureContext(roots, target.tls?.clientCertificate);
    const proxy = this.#ruleFor(target) ?? proxyFor(this.#options.proxy ?? {}, target.host, target.port);
    const transport =
      proxy instanceof URL
        ? await tunnel(proxy, target.host, target.port, signal)
        : await this.#tcp(target, signal);
    const name = target.tls?.serverName ?? target.host;
    const socket = connectTls({
      socket: transport,
      // The handshake always completes; whether to go on is decided by the caller, before a byte of the application's leaves.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      host: name,
      checkServerIdentity: target.tls?.skip?.name === true ? () => undefined : checkServerIdentity,
      ALPNProtocols: ['http/1.1'],
      ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
      ...(context === undefined ? {} : { secureContext: context }),
    });
    return established(socket, 'secureConnect', signal);
  }

  async #tcp(target: DialTarget, signal: AbortSignal): Promise<Socket> {
    const rule = this.#ruleFor(target);
    const place =
      rule === undefined
        ? permittedPlace(target, this.#options.allowAddress)
        : { host: unbracketed(rule.address), port: rule.toPort };
    return established(connectTcp({ ...place, noDelay: true }), 'connect', signal);
  }

  #ruleFor(target: DialTarget): ResolveRule | undefined {
    return this.#options.resolve?.find(
      ({ host, port }) => keyOf(host) === keyOf(target.host) && (port === undefined || port === target.port),
    );
  }
}

function moreThan(others: Roots['others']): Roots['others'] | undefined {
  switch (others) {
    case 'none':
      return 'built-in';
    case 'built-in':
      return systemAuthorities().length > 0 ? 'system' : undefined;
    case 'system':
      return undefined;
    default:
      return others satisfies never;
  }
}

function hasUnknownRoot(socket: TLSSocket): boolean {
  if (socket.authorized) return false;
  return /SELF_SIGNED|ISSUER|VERIFY_LEAF|self.signed|issuer/i.test(String(socket.authorizationError));
}

/** Nothing but the authority is wrong, and that was to be left out. Node checks the name only once the chain is right. */
function isExcused({ host, tls }: DialTarget, socket: TLSSocket): boolean {
  if (tls?.skip?.authority !== true || !hasUnknownRoot(socket)) return false;
  const certificate = socket.getPeerCertificate();
  const isInTime = Date.now() <= Date.parse(certificate.valid_to);
  return (
    isInTime &&
    (tls.skip.name === true || checkServerIdentity(tls.serverName ?? host, certificate) === undefined)
  );
}

function unreachable(target: DialTarget, what: string, cause: unknown): DisconnectError {
  return new DisconnectError('unreachable', what, {
    system: nameOf(target),
    cause,
    next: 'check name, port and network; --resolve NAME:ADDRESS:PORT maps a name',
  });
}

function notLeftOut(target: DialTarget): DisconnectError {
  return new DisconnectError('forbidden', 'no check of a certificate may be left out here', {
    system: nameOf(target),
    next: 'name the CA of the system under "caFile" in config.json',
    details: { refusedBy: 'configuration' },
  });
}

function unverified({ host, fingerprint, problem }: CertificateFacts): DisconnectError {
  return new DisconnectError(
    'untrusted',
    `the certificate cannot be verified (${problem}); it is sha256:${fingerprint}`,
    {
      system: host,
      next: 'give the CA with --ca-file, or, once the fingerprint is confirmed at the system itself, connect with --pin',
      details: { fingerprint },
    },
  );
}

function notPinned({ host, fingerprint }: CertificateFacts, pin: string): DisconnectError {
  return new DisconnectError(
    'untrusted',
    `the certificate is not the pinned one: it is sha256:${fingerprint}, pinned is sha256:${pin}`,
    {
      system: host,
      next: `if the change is known to be right: slipline trust remove ${host}, then connect again`,
      details: { fingerprint },
    },
  );
}
