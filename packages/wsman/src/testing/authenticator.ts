import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  AuthRefusal,
  NtlmAcceptor,
  SpnegoAcceptor,
  type Acceptance,
  type NtlmUser,
  type RefusalReason,
} from '@slipline/windows-auth/testing';
import { MUTUAL } from './namespaces.ts';
import type { Settings, WinrmUser } from './settings.ts';

/** What became of the credentials of one request. */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly user: WinrmUser;
      readonly scheme: Scheme;
      /** Seals this connection's messages. */
      readonly protection?: Acceptance | undefined;
      /** For `WWW-Authenticate`: the mechanism's last token. */
      readonly token?: string | undefined;
    }
  | { readonly kind: 'challenge'; readonly token: string }
  | { readonly kind: 'refused'; readonly reason?: RefusalReason | 'unknown-scheme' | 'no-credentials' };

export type Scheme = 'basic' | 'negotiate' | 'certificate';

interface Connection {
  acceptance: Acceptance;
  user?: WinrmUser | undefined;
}

/** Who a request is from. With Negotiate that is a property of its connection. */
export class Authenticator {
  readonly #settings: () => Settings;
  readonly #clock: { now(): number };
  readonly #channelBinding: () => Uint8Array | undefined;
  readonly #connections = new WeakMap<Socket, Connection>();

  constructor(
    settings: () => Settings,
    clock: { now(): number },
    channelBinding: () => Uint8Array | undefined,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#channelBinding = channelBinding;
  }

  judge(socket: Socket, authorization: string | undefined): Verdict {
    const { authentication } = this.#settings();
    if (authorization === undefined) return this.#known(socket);
    if (authorization === MUTUAL)
      return authentication.certificate ? this.#byCertificate(socket as TLSSocket) : UNKNOWN;
    const [scheme = '', value = ''] = authorization.split(' ');
    switch (scheme.toLowerCase()) {
      case 'basic':
        return authentication.basic ? this.#byPassword(value) : UNKNOWN;
      case 'negotiate':
        return authentication.negotiate ? this.#byToken(socket, Buffer.from(value, 'base64')) : UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  /** The values of `WWW-Authenticate` that a 401 has. */
  get offers(): readonly string[] {
    const { advertised, authentication } = this.#settings();
    if (advertised !== undefined) return advertised;
    const { negotiate, kerberos, basic } = authentication;
    return [
      ...(negotiate ? ['Negotiate'] : []),
      ...(kerberos ? ['Kerberos'] : []),
      ...(basic ? ['Basic realm="WSMAN"'] : []),
    ];
  }

  /** The next token on this connection begins anew. */
  forget(socket: Socket): void {
    this.#connections.delete(socket);
  }

  #known(socket: Socket): Verdict {
    const { acceptance: protection, user } = this.#connections.get(socket) ?? {};
    if (user === undefined) return { kind: 'refused', reason: 'no-credentials' };
    return { kind: 'accepted', user, scheme: 'negotiate', protection };
  }

  #byPassword(value: string): Verdict {
    const text = Buffer.from(value, 'base64').toString();
    const colon = text.indexOf(':');
    const { users } = this.#settings();
    const user = users.find((candidate) => this.#isNamed(candidate, text.slice(0, colon)));
    if (colon === -1 || user === undefined || user.password !== text.slice(colon + 1))
      return { kind: 'refused', reason: 'logonFailure' };
    if (user.refusal !== undefined) return { kind: 'refused', reason: user.refusal };
    return { kind: 'accepted', user, scheme: 'basic' };
  }

  #byCertificate(socket: TLSSocket): Verdict {
    if (!socket.encrypted || !socket.authorized) return { kind: 'refused', reason: 'logonFailure' };
    const name: unknown = socket.getPeerCertificate().subject?.CN;
    const user = this.#settings().users.find(
      ({ certificateNames }) => typeof name === 'string' && certificateNames?.includes(name) === true,
    );
    if (user === undefined) return { kind: 'refused', reason: 'logonFailure' };
    return { kind: 'accepted', user, scheme: 'certificate' };
  }

  #byToken(socket: Socket, token: Buffer): Verdict {
    let connection = this.#connections.get(socket);
    if (connection === undefined || connection.user !== undefined) {
      const { encrypted } = socket as Partial<TLSSocket>;
      const channelBinding = encrypted === true ? this.#channelBinding() : undefined;
      connection = { acceptance: this.#acceptor().accept({ channelBinding }) };
      this.#connections.set(socket, connection);
    }
    try {
      const { acceptance } = connection;
      const { token: answer, done, user } = acceptance.step(token);
      const encoded = Buffer.from(answer ?? []).toString('base64');
      if (!done || user === undefined) return { kind: 'challenge', token: encoded };
      connection.user = this.#userOf(user);
      return {
        kind: 'accepted',
        user: connection.user,
        scheme: 'negotiate',
        protection: acceptance,
        token: encoded === '' ? undefined : encoded,
      };
    } catch (error) {
      this.forget(socket);
      if (error instanceof AuthRefusal) return { kind: 'refused', reason: error.reason };
      throw error;
    }
  }

  #acceptor(): SpnegoAcceptor {
    const { users, computerName, domain, dnsDomain, channelBinding, ntlm, spnego } = this.#settings();
    const ntlmAcceptor = new NtlmAcceptor({
      users: users.map((user) => ({
        ...user,
        domain: user.domain ?? computerName,
      })),
      target: {
        netbiosComputer: computerName,
        netbiosDomain: domain,
        dnsComputer: `${computerName.toLowerCase()}.${dnsDomain}`,
        dnsDomain,
      },
      channelBinding,
      clock: this.#clock,
      faults: ntlm,
    });
    return new SpnegoAcceptor(ntlmAcceptor, spnego);
  }

  #userOf({ userName, domain }: NtlmUser): WinrmUser {
    const { users, computerName } = this.#settings();
    const user = users.find(
      (candidate) => candidate.userName === userName && (candidate.domain ?? computerName) === domain,
    );
    if (user === undefined) throw new Error(`There is no user ${userName}.`);
    return user;
  }

  /** Basic names local users, and others with their domain. */
  #isNamed({ userName, domain }: WinrmUser, given: string): boolean {
    const { computerName, dnsDomain } = this.#settings();
    const own = domain ?? computerName;
    const names = [`${own}\\${userName}`, `${userName}@${own}`, `${userName}@${dnsDomain}`, userName];
    return names.some((name) => name.toLowerCase() === given.toLowerCase());
  }
}

const UNKNOWN: Verdict = { kind: 'refused', reason: 'unknown-scheme' };
