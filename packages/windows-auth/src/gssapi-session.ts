import { accountOf, passwordOf, type PasswordCredential } from './credential.ts';
import { derOid } from './der.ts';
import { AuthError } from './errors.ts';
import {
  gssLibrary,
  type GssBindings,
  type GssBuffer,
  type GssIovBuffer,
  type GssLibrary,
  type GssOid,
} from './gssapi-library.ts';
import { CONTINUE_NEEDED, expectIntact, expectProof, expectSuccess } from './gssapi-status.ts';
import type { KerberosSettings } from './kerberos.ts';
import { onThread, type Pointer } from './koffi.ts';
import type { Surroundings, Wrapped } from './security-context.ts';
import type { SystemSession } from './system-context.ts';

const KRB5 = oid('1.2.840.113554.1.2.2');
const HOST_BASED_SERVICE = oid('1.2.840.113554.1.2.1.4');
const USER_NAME = oid('1.2.840.113554.1.2.1.1');
const PRINCIPAL_NAME = oid('1.2.840.113554.1.2.2.1');
/** GSS_C_INQ_SSPI_SESSION_KEY. */
const SESSION_KEY = oid('1.2.840.113554.1.2.2.5.5');

const MUTUAL = 2;
const REPLAY = 4;
const SEQUENCE = 8;
const CONFIDENTIAL = 16;
const INTEGRITY = 32;
const DCE_STYLE = 0x1000;
const REQUESTED = MUTUAL | REPLAY | SEQUENCE | CONFIDENTIAL | INTEGRITY;
const GRANTED = MUTUAL | CONFIDENTIAL | INTEGRITY;
const INITIATE = 1;

const DATA = 1;
const HEADER = 2;
const PADDING = 9;
const SIGN_ONLY = 11;
const ALLOCATE = 0x10000;
const MAX_TOKEN = 131_072;

/** Kerberos through the system's GSS-API. */
export async function openGssapi(settings: KerberosSettings): Promise<SystemSession> {
  const gss = await gssLibrary();
  const session = new GssapiSession(gss, settings);
  try {
    await session.open();
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

class GssapiSession implements SystemSession {
  readonly #gss: GssLibrary;
  readonly #settings: KerberosSettings;
  readonly #name: [Pointer] = [null];
  readonly #credential: [Pointer] = [null];
  readonly #context: [Pointer] = [null];
  readonly #minor: [number] = [0];
  /** What another thread works on: the library holds addresses, which do not keep memory alive. */
  readonly #pinned = new Set<unknown>();

  constructor(gss: GssLibrary, settings: KerberosSettings) {
    this.#gss = gss;
    this.#settings = settings;
  }

  async open(): Promise<void> {
    const { target, credential } = this.#settings;
    if (credential !== undefined) await this.#acquire(credential);
    // The library then maps the host to its realm; a name with a realm is taken as it is.
    const isHost = /^[^/@]+\/[^/@]+$/.test(target);
    this.#importName(
      isHost ? target.replace('/', '@') : target,
      isHost ? HOST_BASED_SERVICE : PRINCIPAL_NAME,
      this.#name,
    );
  }

  async step(
    token: Uint8Array | undefined,
  ): Promise<{ token?: Uint8Array | undefined; isComplete: boolean }> {
    if (token !== undefined && token.length > MAX_TOKEN) {
      throw new AuthError('bad-token', `The server's Kerberos token is longer than ${MAX_TOKEN} octets.`);
    }
    const output = empty();
    const granted: [number] = [0];
    const [input, bindings] = [token === undefined ? null : bufferOf(token), this.#bindings()];
    this.#pinned.add([input, bindings]);
    const major = await onThread<number>((done) =>
      this.#gss.gss_init_sec_context.async(
        this.#minor,
        this.#credential[0],
        this.#context,
        this.#name[0],
        KRB5,
        this.#settings.isDceStyle ? REQUESTED | DCE_STYLE : REQUESTED,
        0,
        bindings,
        input,
        null,
        output,
        granted,
        null,
        done,
      ),
    );
    this.#pinned.clear();
    const answer = this.#gss.take(output);
    if (token === undefined) this.#expect(major, 'sign in');
    else expectProof(major, this.#minor[0]);
    const isComplete = (major & CONTINUE_NEEDED) === 0;
    if (isComplete && (granted[0] & GRANTED) !== GRANTED) {
      throw new AuthError(
        'downgrade',
        'The server did not prove itself, or does not let messages be sealed.',
      );
    }
    return { token: answer.length > 0 ? answer : undefined, isComplete };
  }

  wrap(data: Uint8Array, surroundings: Surroundings): Wrapped {
    const clear = Buffer.from(data);
    const buffers = this.#buffers(HEADER | ALLOCATE, empty(), clear, surroundings, PADDING | ALLOCATE);
    const sealed: [number] = [0];
    try {
      this.#expect(
        this.#gss.gss_wrap_iov(this.#minor, this.#context[0], 1, 0, sealed, buffers, buffers.length),
        'seal a message',
      );
      if (sealed[0] === 0) throw new AuthError('downgrade', 'The Kerberos library did not seal a message.');
      const padding = buffers.find(({ type }) => (type & 0xffff) === PADDING);
      return {
        token: this.#copy(buffers[0]!.buffer),
        data: padding === undefined ? clear : Buffer.concat([clear, this.#copy(padding.buffer)]),
      };
    } finally {
      this.#gss.gss_release_iov_buffer(this.#minor, buffers, buffers.length);
    }
  }

  unwrap({ data, token }: Wrapped, surroundings: Surroundings): Uint8Array {
    return this.#settings.isDceStyle
      ? this.#unwrapInPlace(data, token, surroundings)
      : this.#unwrapStream(data, token);
  }

  sign(message: Uint8Array): Uint8Array {
    const token = empty();
    this.#expect(
      this.#gss.gss_get_mic(this.#minor, this.#context[0], 0, bufferOf(message), token),
      'sign a message',
    );
    return this.#gss.take(token);
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    const [text, token] = [bufferOf(message), bufferOf(signature)];
    expectIntact(this.#gss.gss_verify_mic(this.#minor, this.#context[0], text, token, [0]));
  }

  sessionKey(): Uint8Array {
    const set: [Pointer] = [null];
    const major = this.#gss.gss_inquire_sec_context_by_oid(this.#minor, this.#context[0], SESSION_KEY, set);
    this.#expect(major, 'tell the session key');
    const key = this.#gss.takeSet(set[0]);
    this.#gss.gss_release_buffer_set(this.#minor, set);
    if (key === undefined)
      throw new AuthError('unsupported', 'The Kerberos library does not tell the session key.');
    return key;
  }

  close(): void {
    if (this.#context[0] !== null) this.#gss.gss_delete_sec_context(this.#minor, this.#context, null);
    if (this.#credential[0] !== null) this.#gss.gss_release_cred(this.#minor, this.#credential);
    if (this.#name[0] !== null) this.#gss.gss_release_name(this.#minor, this.#name);
  }

  async #acquire(credential: PasswordCredential): Promise<void> {
    const { user, domain } = accountOf(credential);
    const principal = domain === '' || user.includes('@') ? user : `${user}@${domain.toUpperCase()}`;
    const name: [Pointer] = [null];
    this.#importName(principal, USER_NAME, name);
    const clear = passwordOf(credential);
    const password = Buffer.from(clear.toString('utf16le'), 'utf8');
    clear.fill(0);
    try {
      const major = await onThread<number>((done) =>
        this.#gss.gss_acquire_cred_with_password.async(
          this.#minor,
          name[0],
          bufferOf(password),
          0,
          { count: 1, elements: [KRB5] },
          INITIATE,
          this.#credential,
          null,
          null,
          done,
        ),
      );
      this.#expect(major, 'sign in with the password');
    } finally {
      password.fill(0);
      this.#gss.gss_release_name(this.#minor, name);
    }
  }

  #importName(text: string, type: GssOid, name: [Pointer]): void {
    const major = this.#gss.gss_import_name(this.#minor, bufferOf(Buffer.from(text, 'utf8')), type, name);
    this.#expect(major, 'understand a name');
  }

  #bindings(): GssBindings | null {
    const { channelBinding } = this.#settings;
    if (channelBinding === undefined) return null;
    const none = {
      initiator_addrtype: 0,
      initiator_address: empty(),
      acceptor_addrtype: 0,
      acceptor_address: empty(),
    };
    return { ...none, application_data: bufferOf(channelBinding) };
  }

  #unwrapInPlace(data: Uint8Array, token: Uint8Array, surroundings: Surroundings): Uint8Array {
    const clear = Buffer.from(data);
    const buffers = this.#buffers(HEADER, this.#inPlace(Buffer.from(token)), clear, surroundings);
    const sealed: [number] = [0];
    const [minor, context, count] = [this.#minor, this.#context[0], buffers.length];
    expectIntact(this.#gss.gss_unwrap_iov(minor, context, sealed, [0], buffers, count));
    expectSealed(sealed);
    return clear;
  }

  #unwrapStream(data: Uint8Array, token: Uint8Array): Uint8Array {
    const output = empty();
    const sealed: [number] = [0];
    const whole = bufferOf(Buffer.concat([token, data]));
    const major = this.#gss.gss_unwrap(this.#minor, this.#context[0], whole, output, sealed, [0]);
    const clear = this.#gss.take(output);
    expectIntact(major);
    expectSealed(sealed);
    return clear;
  }

  /** DCE style pads nothing and signs what is around; without it there is no place for surroundings. */
  #buffers(
    headerType: number,
    header: GssBuffer,
    data: Buffer,
    { before, after }: Surroundings,
    paddingType?: number,
  ): GssIovBuffer[] {
    const body = { type: DATA, buffer: this.#inPlace(data) };
    if (!this.#settings.isDceStyle) {
      if (before !== undefined || after !== undefined) {
        throw new AuthError('unsupported', 'Kerberos signs surroundings only in DCE style.');
      }
      const padding = paddingType === undefined ? [] : [{ type: paddingType, buffer: empty() }];
      return [{ type: headerType, buffer: header }, body, ...padding];
    }
    const signed = (part: Uint8Array | undefined) =>
      part === undefined ? [] : [{ type: SIGN_ONLY, buffer: this.#inPlace(part) }];
    return [{ type: headerType, buffer: header }, ...signed(before), body, ...signed(after)];
  }

  /** The octets themselves, for the library to change, rather than a copy of them. */
  #inPlace(octets: Uint8Array): GssBuffer {
    return { length: octets.length, value: octets.length === 0 ? null : this.#gss.koffi.address(octets) };
  }

  #copy(buffer: GssBuffer): Buffer {
    return this.#gss.copy(buffer);
  }

  #expect(major: number, act: string): void {
    expectSuccess(major, this.#minor[0], act);
  }
}

function expectSealed([sealed]: [number]): void {
  if (sealed === 0) throw new AuthError('tampered', 'A message came unsealed.');
}

function oid(dotted: string): GssOid {
  const elements = derOid(dotted).subarray(2);
  return { length: elements.length, elements };
}

function empty(): GssBuffer {
  return { length: 0, value: null };
}

function bufferOf(octets: Uint8Array): GssBuffer {
  return { length: octets.length, value: octets };
}
