import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  AuthRefusal,
  type AcceptStep,
  type NtlmUser,
  type RefusalReason,
} from '@slipline/windows-auth/testing';
import { acceptorsOf, type Surroundings } from './acceptors.ts';
import { Digest, type DigestRequest } from './digest.ts';
import { CredsspProtection, SpnegoProtection, type MessageProtection } from './message-protection.ts';
import { MUTUAL } from './namespaces.ts';
import type { Settings, WinrmUser } from './settings.ts';
import type { Arrival } from './understanding.ts';

/** What became of the credentials of one request. */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly user: WinrmUser;
      readonly scheme: Scheme;
      /** Seals this connection's messages. */
      readonly protection?: MessageProtection | undefined;
      /** For `WWW-Authenticate`: the scheme and the mechanism's last token. */
      readonly token?: string | undefined;
    }
  | { readonly kind: 'challenge'; readonly token: string }
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason | 'unknown-scheme' | 'no-credentials';
      readonly token?: string | undefined;
    };

export type Scheme = 'basic' | 'digest' | 'negotiate' | 'certificate' | 'credssp';

/** A sign-in that takes several requests, and the connection's user once it is done. */
interface Connection {
  readonly scheme: 'negotiate' | 'credssp';
  readonly protection: MessageProtection;
  step(token: Uint8Array): AcceptStep | Promise<AcceptStep>;
  user?: WinrmUser | undefined;
}

const SCHEMES = { negotiate: 'Negotiate', credssp: 'CredSSP' } as const;

/** Who a request is from. With Negotiate and CredSSP that is a property of its connection. */
export class Authenticator {
  readonly #settings: () => Settings;
  readonly #surroundings: Surroundings;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #digest = new Digest();

  constructor(settings: () => Settings, surroundings: Surroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
  }

  async judge(socket: Socket, { method, path, headers }: Arrival): Promise<Verdict> {
    const { authentication } = this.#settings();
    const { authorization } = headers;
    if (authorization === undefined) return this.#known(socket);
    if (authorization === MUTUAL)
      return authentication.certificate ? this.#byCertificate(socket as TLSSocket) : UNKNOWN;
    const [scheme = '', value = ''] = authorization.split(' ');
    const token = Buffer.from(value, 'base64');
    switch (scheme.toLowerCase()) {
      case 'basic':
        return authentication.basic ? this.#byPassword(token.toString()) : UNKNOWN;
      case 'digest':
        return authentication.digest
          ? this.#byDigest({ method, path, parameters: authorization.slice(scheme.length) })
          : UNKNOWN;
      case 'negotiate':
        return authentication.negotiate ? this.#byToken(socket, 'negotiate', token) : UNKNOWN;
      case 'credssp':
        return authentication.credssp ? this.#byToken(socket, 'credssp', token) : UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  /** The values of `WWW-Authenticate` that a 401 has. */
  get offers(): readonly string[] {
    const { advertised, authentication } = this.#settings();
    if (advertised !== undefined) return advertised;
    const { negotiate, kerberos, basic, digest, credssp } = authentication;
    return [
      ...(negotiate ? ['Negotiate'] : []),
      ...(kerberos ? ['Kerberos'] : []),
      ...(basic ? ['Basic realm="WSMAN"'] : []),
      ...(digest ? this.#digest.challenges() : []),
      ...(credssp ? ['CredSSP'] : []),
    ];
  }

  /** The next token on this connection begins anew. */
  forget(socket: Socket): void {
    this.#connections.delete(socket);
  }

  #known(socket: Socket): Verdict {
    const connection = this.#connections.get(socket);
    if (connection?.user === undefined) return { kind: 'refused', reason: 'no-credentials' };
    const { user, protection, scheme } = connection;
    return { kind: 'accepted', user, scheme, protection };
  }

  #byPassword(text: string): Verdict {
    const colon = text.indexOf(':');
    const { users } = this.#settings();
    const user = users.find((candidate) => this.#isNamed(candidate, text.slice(0, colon)));
    const isRight = colon !== -1 && user?.password === text.slice(colon + 1);
    return letIn(isRight ? user : undefined, 'basic');
  }

  #byDigest(request: DigestRequest): Verdict {
    const { users } = this.#settings();
    const find = (name: string) => users.find((candidate) => this.#isNamed(candidate, name));
    return letIn(this.#digest.verify(request, find), 'digest');
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

  async #byToken(socket: Socket, scheme: Connection['scheme'], token: Buffer): Promise<Verdict> {
    const written = (answer: Uint8Array = Buffer.alloc(0)): string =>
      `${SCHEMES[scheme]} ${Buffer.from(answer).toString('base64')}`;
    try {
      const connection = this.#connectionOf(socket, scheme);
      const { token: answer, done, user } = await connection.step(token);
      if (!done || user === undefined) return { kind: 'challenge', token: written(answer) };
      connection.user = this.#userOf(user);
      return {
        kind: 'accepted',
        user: connection.user,
        scheme,
        protection: connection.protection,
        ...(answer !== undefined && { token: written(answer) }),
      };
    } catch (error) {
      this.forget(socket);
      if (!(error instanceof AuthRefusal)) throw error;
      const { reason, token: last } = error;
      // The HTTP layer of Windows answers for Negotiate itself, and forgets what SPNEGO had to say.
      const isTold = scheme === 'credssp' && last !== undefined;
      return { kind: 'refused', reason, ...(isTold && { token: written(last) }) };
    }
  }

  /** The sign-in that is under way on this connection, or a new one. */
  #connectionOf(socket: Socket, scheme: Connection['scheme']): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined && known.user === undefined && known.scheme === scheme) return known;
    const connection = this.#begin(socket, scheme);
    this.#connections.set(socket, connection);
    return connection;
  }

  #begin(socket: Socket, scheme: Connection['scheme']): Connection {
    const isEncrypted = (socket as Partial<TLSSocket>).encrypted === true;
    const { spnego, credssp } = acceptorsOf(this.#settings(), this.#surroundings);
    if (scheme === 'negotiate') {
      const channelBinding = isEncrypted ? this.#surroundings.channelBinding() : undefined;
      const acceptance = spnego.accept({ channelBinding });
      return {
        scheme,
        step: (token) => acceptance.step(token),
        protection: new SpnegoProtection(acceptance),
      };
    }
    const acceptance = credssp().accept();
    socket.once('close', () => acceptance.close());
    return { scheme, step: (token) => acceptance.step(token), protection: new CredsspProtection(acceptance) };
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

/** Who has shown a password, unless the account may not sign in. */
function letIn(user: WinrmUser | undefined, scheme: Scheme): Verdict {
  if (user === undefined) return { kind: 'refused', reason: 'logonFailure' };
  if (user.refusal !== undefined) return { kind: 'refused', reason: user.refusal };
  return { kind: 'accepted', user, scheme };
}

const UNKNOWN: Verdict = { kind: 'refused', reason: 'unknown-scheme' };
