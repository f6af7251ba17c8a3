import { DisconnectError, type Host, type TlsTarget } from '@slipline/core';
import { AuthError, type SecurityContext } from '@slipline/windows-auth';
import { readChallenges } from './wsman-challenge.ts';
import { HttpConnection, type HttpAnswer } from './wsman-http.ts';
import { isSealed, seal, unseal } from './wsman-sealing.ts';
import { securityContext } from './wsman-security.ts';
import { authError, notOffered, refused } from './wsman-sign-in-errors.ts';
import { signIn, type SignedIn, type WsmanIdentity } from './wsman-sign-in.ts';
import { textOfAnswer } from './wsman-answer.ts';
import { urlOf, type WsmanTarget } from './wsman-target.ts';

/** Everything that says how one service is reached. */
export interface WsmanConnectionSettings {
  readonly target: WsmanTarget;
  readonly identity: WsmanIdentity;
  readonly allowUnencrypted?: boolean | undefined;
  /** Checks of the certificate that are left out. */
  readonly skip?: TlsTarget['skip'] | undefined;
}

interface Link {
  readonly connection: HttpConnection;
  readonly signedIn: SignedIn;
  uses: number;
}

/**
 * Messages to one service over one kept connection, one at a time and in order; it is dialled, and signed in again, whenever the old one
 * is gone. Over HTTP everything is encrypted, unless `allowUnencrypted`. Throws `DisconnectError`.
 */
export class WsmanTransport implements Disposable {
  readonly #dial: Host['dial'];
  readonly #settings: WsmanConnectionSettings;
  readonly #headers: Readonly<Record<string, string>>;
  #link: Link | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** Throws `invalid-request` for what would be sent in the clear although nobody allowed it. */
  constructor(dial: Host['dial'], settings: WsmanConnectionSettings) {
    this.#dial = dial;
    this.#settings = settings;
    expectSealed(settings);
    const { host } = new URL(urlOf(settings.target));
    this.#headers = {
      Host: host,
      'User-Agent': 'Slipline',
      'Accept-Encoding': 'identity',
      'Content-Type': SOAP,
    };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The text of the answer, whatever its status. What is repeatable is sent once more where a kept connection has gone stale. */
  post(text: string, signal: AbortSignal, isRepeatable = false): Promise<string> {
    return this.#inTurn(signal, async () => {
      const isKept = this.#link !== undefined && this.#link.uses > 0;
      try {
        return await this.#exchange(text, signal);
      } catch (error) {
        const isStale = isKept && DisconnectError.is(error) && error.code === 'unreachable';
        if (!isStale || !isRepeatable || signal.aborted || this.#isClosed) throw error;
        return this.#exchange(text, signal);
      }
    });
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#drop();
  }

  async #exchange(text: string, signal: AbortSignal, isAgain = false): Promise<string> {
    const link = await this.#ready(signal);
    const { connection, signedIn } = link;
    link.uses += 1;
    try {
      const sealing = this.#settings.target.isSecure ? undefined : signedIn.seal;
      const sealed = sealing && seal(sealing.context, sealing.scheme, text);
      const headers = {
        ...this.#headers,
        ...(sealed && { 'Content-Type': sealed.contentType }),
        ...signedIn.headers(),
      };
      const { path } = this.#settings.target;
      const answer = await connection.post(
        { path, headers, body: sealed?.body ?? Buffer.from(text) },
        signal,
      );
      if (answer.status !== 401)
        return textOfAnswer(opened(answer, sealing?.context), { isSealed: sealing !== undefined });
      // The server has forgotten a connection it knew; nothing of the message was done.
      this.#drop();
      if (isAgain || signedIn.seal === undefined || link.uses === 1) throw this.#refusal(answer);
    } catch (error) {
      this.#drop();
      throw AuthError.is(error) ? authError(error) : error;
    }
    return this.#exchange(text, signal, true);
  }

  #refusal(answer: HttpAnswer): DisconnectError {
    const { authentication } = this.#settings.identity;
    const offered = readChallenges(answer.challenges);
    const isOffered = offered.some(({ scheme }) => scheme === authentication);
    const isPerRequest = authentication === 'basic' || authentication === 'digest';
    return isPerRequest && !isOffered ? notOffered(authentication, answer, offered) : refused(answer);
  }

  async #ready(signal: AbortSignal): Promise<Link> {
    if (this.#isClosed) throw closed();
    if (this.#link?.connection.isOpen === true) return this.#link;
    this.#drop();
    const { target, identity, skip } = this.#settings;
    const { host, port, isSecure, path } = target;
    const tls: TlsTarget = {
      ...(skip !== undefined && { skip }),
      ...(identity.certificate !== undefined && { clientCertificate: identity.certificate }),
    };
    const socket = await this.#dial({ host, port, ...(isSecure && { tls }) }, signal);
    const connection = new HttpConnection(socket);
    try {
      const context = (): SecurityContext => securityContext(identity, target, isSecure ? socket : undefined);
      const headers = this.#headers;
      const signedIn = await signIn({ connection, identity, path, headers, context, signal });
      if (this.isClosed) throw closed();
      return (this.#link = { connection, signedIn, uses: 0 });
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  #drop(): void {
    this.#link?.connection[Symbol.dispose]();
    this.#link?.signedIn.seal?.context[Symbol.dispose]();
    this.#link = undefined;
  }

  /** Waits for those that came before, or for the signal; the order of the wire is theirs. */
  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let end = (): void => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last = before.then(() => mine);
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      end();
    }
  }
}

const SOAP = 'application/soap+xml;charset=UTF-8';

function opened(answer: HttpAnswer, context: SecurityContext | undefined): HttpAnswer {
  if (context === undefined || !isSealed(answer.contentType)) return answer;
  return {
    ...answer,
    contentType: 'application/soap+xml; sealed',
    body: Buffer.from(unseal(context, answer.body), 'utf8'),
  };
}

function expectSealed({ target, identity, allowUnencrypted = false }: WsmanConnectionSettings): void {
  if (target.isSecure) return;
  const { authentication } = identity;
  if (authentication === 'certificate') {
    throw new DisconnectError('invalid-request', 'a client certificate can be shown over TLS only', {
      next: 'connect with --use-ssl, or to an https URI',
    });
  }
  if (allowUnencrypted || (authentication !== 'basic' && authentication !== 'digest')) return;
  const what =
    authentication === 'basic' ? 'the password and everything else' : 'everything but the password';
  throw new DisconnectError(
    'invalid-request',
    `over HTTP, ${authentication} would send ${what} readable for all on the way`,
    {
      next: 'use TLS (--use-ssl) or --authentication negotiate; --allow-unencrypted accepts it',
    },
  );
}

function closed(): DisconnectError {
  return new DisconnectError('invalid-request', 'this connection is closed', { next: 'connect again' });
}

function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    void work.finally(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
