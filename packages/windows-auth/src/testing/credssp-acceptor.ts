import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { readDerValues, readDerValue } from './der.ts';
import type { Acceptance, AcceptStep } from './ntlm-acceptor.ts';
import type { NtlmUser } from './ntlm-settings.ts';
import { AuthRefusal } from './refusal.ts';
import { TlsChannel, type TlsIdentity } from './tls-channel.ts';
import {
  readCredentials,
  readTsRequest,
  takeMessage,
  writeTsRequest,
  type DelegatedCredential,
  type TsRequest,
} from './ts-request.ts';

export interface CredsspFaults {
  /** Proves this certificate's key instead of its own: somebody in between. */
  readonly boundTo?: string | undefined;
  /** The version that the server says it speaks; 6 when absent. */
  readonly version?: number | undefined;
}

export interface CredsspAcceptorOptions {
  /** What the server shows in its TLS handshake. */
  readonly identity: TlsIdentity;
  /** Begins the sign-in inside: `() => new SpnegoAcceptor(…).accept()`. */
  readonly inner: () => Acceptance;
  readonly faults?: CredsspFaults | undefined;
}

/** A server's CredSSP, version 6 (MS-CSSP 3.1.5): TLS inside of tokens, a sign-in within, and a password at its end. */
export class CredsspAcceptor {
  readonly #options: CredsspAcceptorOptions;

  constructor(options: CredsspAcceptorOptions) {
    this.#options = options;
  }

  accept(): CredsspAcceptance {
    return new CredsspAcceptance(this.#options);
  }
}

const CLIENT_LABEL = 'CredSSP Client-To-Server Binding Hash\0';
const SERVER_LABEL = 'CredSSP Server-To-Client Binding Hash\0';
const VERSION = 6;
const LEAST_VERSION = 5;
const SIGNATURE = 16;

export class CredsspAcceptance {
  readonly #options: CredsspAcceptorOptions;
  readonly #channel: TlsChannel;
  readonly #inner: Acceptance;
  #clear: Buffer = Buffer.alloc(0);
  #isBound = false;
  #delegated: DelegatedCredential | undefined;

  constructor(options: CredsspAcceptorOptions) {
    this.#options = options;
    this.#channel = new TlsChannel(options.identity);
    this.#inner = options.inner();
  }

  /** What the client handed over, once it has. */
  get delegated(): DelegatedCredential | undefined {
    return this.#delegated;
  }

  get user(): NtlmUser | undefined {
    return this.#delegated === undefined ? undefined : this.#inner.user;
  }

  /** Takes whole or partial TLS records; answers others, or none where there is nothing to say yet. */
  async step(token: Uint8Array): Promise<AcceptStep> {
    if (this.#delegated !== undefined) throw new AuthRefusal('invalidParameter', 'Signed in already.');
    await this.#receive(token);
    this.#clear = Buffer.concat([this.#clear, this.#channel.takeClear()]);
    const message = takeMessage(this.#clear);
    if (message !== undefined) {
      this.#clear = this.#clear.subarray(message.length);
      const answer = await this.#answer(readTsRequest(message));
      if (answer !== undefined) await this.#channel.send(writeTsRequest(answer));
    }
    const outgoing = this.#channel.takeOutgoing();
    return {
      token: outgoing.length === 0 ? undefined : outgoing,
      done: this.#delegated !== undefined,
      user: this.user,
    };
  }

  /** The TLS records of a message. */
  async wrap(clear: Uint8Array): Promise<Buffer> {
    await this.#channel.send(clear);
    return this.#channel.takeOutgoing();
  }

  /** The clear text of whole records. Throws `AuthRefusal` for such as are not the client's. */
  async unwrap(records: Uint8Array): Promise<Buffer> {
    await this.#receive(records);
    return this.#channel.takeClear();
  }

  /** Ends the TLS channel. */
  close(): void {
    this.#channel.close();
  }

  async #receive(octets: Uint8Array): Promise<void> {
    try {
      await this.#channel.receive(octets);
    } catch (error) {
      throw new AuthRefusal('invalidParameter', `TLS fails: ${(error as Error).message}`);
    }
  }

  async #answer(request: TsRequest): Promise<TsRequest | undefined> {
    if (request.authInfo !== undefined) {
      this.#take(request.authInfo);
      return undefined;
    }
    if (request.version < LEAST_VERSION)
      throw await this.#refuse(new AuthRefusal('notSupported', 'An old version.'));
    const version = this.#options.faults?.version ?? VERSION;
    const negoToken = request.negoToken === undefined ? undefined : await this.#stepInside(request.negoToken);
    if (request.pubKeyAuth === undefined) return { version, negoToken };
    return { version, negoToken, pubKeyAuth: this.#bind(request.pubKeyAuth, request.clientNonce) };
  }

  async #stepInside(token: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return this.#inner.step(token).token;
    } catch (error) {
      throw error instanceof AuthRefusal ? await this.#refuse(error) : error;
    }
  }

  /** The same refusal with the TSRequest that says so. */
  async #refuse({ reason, status, message }: AuthRefusal): Promise<AuthRefusal> {
    await this.#channel.send(writeTsRequest({ version: VERSION, errorCode: status }));
    return new AuthRefusal(reason, message, this.#channel.takeOutgoing());
  }

  /** Checks that the client sees this server's key, and proves to it that it is. */
  #bind(proof: Uint8Array, nonce: Uint8Array = Buffer.alloc(0)): Buffer {
    const { identity, faults = {} } = this.#options;
    const received = this.#open(proof);
    const expected = bindingHash(CLIENT_LABEL, nonce, identity.certificate);
    if (nonce.length !== 32 || received.length !== expected.length || !timingSafeEqual(received, expected))
      throw new AuthRefusal('badBindings', 'The client sees another key.');
    this.#isBound = true;
    const { data, token } = this.#inner.wrap(
      bindingHash(SERVER_LABEL, nonce, faults.boundTo ?? identity.certificate),
    );
    return Buffer.concat([token, data]);
  }

  #take(authInfo: Uint8Array): void {
    if (!this.#isBound) throw new AuthRefusal('invalidParameter', 'A password before the keys are bound.');
    this.#delegated = readCredentials(this.#open(authInfo));
  }

  #open(sealed: Uint8Array): Uint8Array {
    return this.#inner.unwrap({ token: sealed.subarray(0, SIGNATURE), data: sealed.subarray(SIGNATURE) });
  }
}

function bindingHash(label: string, nonce: Uint8Array, certificate: string): Buffer {
  return createHash('sha256')
    .update(label, 'latin1')
    .update(nonce)
    .update(subjectPublicKey(certificate))
    .digest();
}

/** The content of the BIT STRING in the certificate's SubjectPublicKeyInfo: for RSA a PKCS #1 key. */
function subjectPublicKey(certificate: string): Buffer {
  const info = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  const [, bits] = readDerValues(readDerValue(info, 0x30).content);
  return (bits?.content ?? Buffer.alloc(1)).subarray(1);
}
