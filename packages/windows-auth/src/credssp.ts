import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { accountOf, passwordOf, type PasswordCredential } from './credential.ts';
import { explainStatus } from './windows-status.ts';
import { AuthError } from './errors.ts';
import { Lifetime } from './mechanism.ts';
import type { SecurityContext, Surroundings, Wrapped } from './security-context.ts';
import { TlsHandshake } from './tls-handshake.ts';
import { RecordReader, TAG_LENGTH, type TlsRecords } from './tls-records.ts';
import {
  lengthOfTsRequest,
  readTsRequest,
  writePasswordCredentials,
  writeTsRequest,
  type TsRequest,
} from './ts-request.ts';

export interface CredsspSettings {
  /** Who signs in, and **what is handed to the server in clear** at the end, for it to use in this person's name. */
  readonly credential: PasswordCredential;
  /** What signs in inside: `ntlm`, `kerberos` or `negotiate`. Owned, and disposed with the context. */
  readonly inner: SecurityContext;
  readonly random?: ((size: number) => Uint8Array) | undefined;
}

const CLIENT_LABEL = 'CredSSP Client-To-Server Binding Hash\0';
const SERVER_LABEL = 'CredSSP Server-To-Client Binding Hash\0';
const LEAST_VERSION = 5;
const MAX_MESSAGE = 131_072;

/**
 * CredSSP (MS-CSSP) version 6, the client's side, with TLS 1.2 inside of whatever carries the tokens. The server proves that the key of
 * its TLS channel is its own before it is given the password; versions below 5, which cannot, are refused as a `downgrade`.
 * A token may come in pieces: `step` then answers nothing, and the context is not complete. `wrap` and `unwrap` are the TLS channel's:
 * `token` and `data` together are whole TLS records, 29 octets longer than the clear text for each 16 KiB of it.
 */
export function credssp(settings: CredsspSettings): SecurityContext {
  return new CredsspContext(settings);
}

class CredsspContext implements SecurityContext {
  readonly mechanism = 'credssp';
  readonly #settings: CredsspSettings;
  readonly #lifetime = new Lifetime();
  readonly #handshake = new TlsHandshake();
  readonly #reader = new RecordReader();
  readonly #nonce: Uint8Array;
  #isStarted = false;
  #records: TlsRecords | undefined;
  #serverKey: Uint8Array = Buffer.alloc(0);
  #clear: Buffer = Buffer.alloc(0);
  #hasBound = false;

  constructor(settings: CredsspSettings) {
    this.#settings = settings;
    this.#nonce = (settings.random ?? randomBytes)(32);
  }

  get isComplete(): boolean {
    return this.#lifetime.isComplete;
  }

  get sessionKey(): Uint8Array {
    return this.#lifetime.use(() => this.#settings.inner.sessionKey);
  }

  step(token?: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#lifetime.step(async () => {
      if (!this.#isStarted) {
        this.#isStarted = true;
        return this.#handshake.start();
      }
      if (token === undefined || token.length === 0) {
        throw new AuthError('bad-token', 'The server answered without a token where one is due.');
      }
      return this.#records === undefined ? this.#shakeHands(token) : this.#converse(this.#records, token);
    });
  }

  wrap(data: Uint8Array, surroundings?: Surroundings): Wrapped {
    return this.#lifetime.use(() => {
      expectNone(surroundings);
      const sealed = this.#records!.seal(data);
      return { token: sealed.subarray(0, TAG_LENGTH), data: sealed.subarray(TAG_LENGTH) };
    });
  }

  unwrap({ token, data }: Wrapped, surroundings?: Surroundings): Uint8Array {
    return this.#lifetime.use(() => {
      expectNone(surroundings);
      return this.#records!.open(Buffer.concat([token, data]));
    });
  }

  sign(): Uint8Array {
    throw unsigned();
  }

  verify(): void {
    throw unsigned();
  }

  [Symbol.dispose](): void {
    this.#lifetime.dispose();
    this.#handshake.close();
    this.#records?.wipe();
    this.#clear.fill(0);
    this.#settings.inner[Symbol.dispose]();
  }

  async #shakeHands(token: Uint8Array): Promise<Uint8Array | undefined> {
    const answer = await this.#handshake.step(token);
    if (answer === undefined || answer instanceof Uint8Array) return answer;
    this.#handshake.close();
    this.#records = answer.records;
    this.#serverKey = answer.subjectPublicKey;
    return this.#send(answer.records, await this.#ask(undefined));
  }

  async #converse(records: TlsRecords, token: Uint8Array): Promise<Uint8Array | undefined> {
    this.#reader.add(token);
    for (let record = this.#reader.next(); record !== undefined; record = this.#reader.next()) {
      this.#clear = Buffer.concat([this.#clear, records.openOne(record)]);
    }
    const length = lengthOfTsRequest(this.#clear);
    if ((length ?? 0) > MAX_MESSAGE)
      throw new AuthError('bad-token', `A CredSSP message is longer than ${MAX_MESSAGE} octets.`);
    if (length === undefined || this.#clear.length < length) return undefined;
    const message = this.#clear;
    this.#clear = Buffer.alloc(0);
    return this.#answer(records, readTsRequest(message));
  }

  async #answer(records: TlsRecords, request: TsRequest): Promise<Uint8Array> {
    if (request.errorCode !== undefined) throw explainStatus(request.errorCode);
    if (request.version < LEAST_VERSION) {
      throw new AuthError(
        'downgrade',
        'The server speaks a CredSSP that cannot prove its key to be its own.',
        {
          next: 'Install the updates of May 2018 (CVE-2018-0886) on the server, or sign in with Kerberos.',
        },
      );
    }
    if (!this.#hasBound) {
      if (request.negoToken === undefined)
        throw new AuthError('bad-token', 'The server left its part of the sign-in out.');
      return this.#send(records, await this.#ask(request.negoToken));
    }
    // SPNEGO may have a last word for the server's proof to come with.
    if (request.pubKeyAuth === undefined)
      throw new AuthError('wrong-key', 'The server did not prove its key to be its own.');
    this.#expectKey(request.pubKeyAuth);
    this.#lifetime.complete();
    return this.#send(records, { authInfo: this.#delegated() });
  }

  /** The next token of the inner sign-in, and our proof as soon as there are keys to seal it with. */
  async #ask(token: Uint8Array | undefined): Promise<Omit<TsRequest, 'version' | 'errorCode'>> {
    const { inner } = this.#settings;
    const negoToken = await inner.step(token);
    if (!inner.isComplete) {
      if (negoToken === undefined)
        throw new AuthError('bad-token', 'The sign-in inside has nothing left to say.');
      return { negoToken };
    }
    this.#hasBound = true;
    return { negoToken, pubKeyAuth: join(inner.wrap(this.#hash(CLIENT_LABEL))), clientNonce: this.#nonce };
  }

  #expectKey(proof: Uint8Array): void {
    const { inner } = this.#settings;
    const expected = this.#hash(SERVER_LABEL);
    const clear = inner.unwrap(split(proof, proof.length - expected.length));
    if (clear.length !== expected.length || !timingSafeEqual(clear, expected)) {
      throw new AuthError('wrong-key', 'The server is bound to another TLS key: somebody is in between.', {
        next: 'Do not sign in over this network before it is clear who answers at this address.',
      });
    }
  }

  #hash(label: string): Buffer {
    return createHash('sha256').update(label, 'latin1').update(this.#nonce).update(this.#serverKey).digest();
  }

  #delegated(): Buffer {
    const { user, domain } = accountOf(this.#settings.credential);
    const password = passwordOf(this.#settings.credential);
    const clear = writePasswordCredentials(domain, user, password);
    password.fill(0);
    const sealed = join(this.#settings.inner.wrap(clear));
    clear.fill(0);
    return sealed;
  }

  #send(records: TlsRecords, request: Omit<TsRequest, 'version' | 'errorCode'>): Uint8Array {
    return records.seal(writeTsRequest(request));
  }
}

function join({ token, data }: Wrapped): Buffer {
  return Buffer.concat([token, data]);
}

function split(sealed: Uint8Array, size: number): Wrapped {
  const at = Math.max(0, size);
  return { token: sealed.subarray(0, at), data: sealed.subarray(at) };
}

function expectNone(surroundings: Surroundings | undefined): void {
  if (surroundings?.before === undefined && surroundings?.after === undefined) return;
  throw new AuthError('unsupported', 'CredSSP signs nothing around what it seals.');
}

function unsigned(): AuthError {
  return new AuthError('unsupported', 'CredSSP seals, and does not sign alone.', {
    next: 'Use wrap and unwrap.',
  });
}
