import { accountOf, passwordOf, type PasswordCredential } from './credential.ts';
import { AuthError } from './errors.ts';
import { onThread } from './koffi.ts';
import type { KerberosSettings } from './kerberos.ts';
import type { Surroundings, Wrapped } from './security-context.ts';
import type { SystemSession } from './system-context.ts';
import { BufferType, channelBindings, SspiBuffers, type SspiBuffer } from './sspi-buffers.ts';
import { sspiLibrary, type SspiLibrary } from './sspi-library.ts';
import { explainStatus } from './windows-status.ts';

const OUTBOUND = 2;
const NATIVE = 0x10;
const MUTUAL = 0x2;
const CONFIDENTIAL = 0x10;
const INTEGRITY = 0x10000;
const REQUESTED = MUTUAL | 0x4 /* replay */ | 0x8 /* sequence */ | CONFIDENTIAL | INTEGRITY;
const DCE_STYLE = 0x200;
const UNICODE = 2;

const OK = 0;
const CONTINUE_NEEDED = 0x00090312;
const COMPLETE_NEEDED = 0x00090313;
const COMPLETE_AND_CONTINUE = 0x00090314;

const SIZES = 0;
const SESSION_KEY = 9;
const MAX_TOKEN = 65_536;

export type SspiPackage = 'Kerberos' | 'Negotiate' | 'NTLM';

/** A sign-in through Windows' SSPI, as the given person or as whoever this program runs as. */
export async function openSspi(
  name: SspiPackage,
  settings: KerberosSettings,
  library: Promise<SspiLibrary> = sspiLibrary(),
): Promise<SystemSession> {
  const session = new SspiSession(await library, name, settings);
  await session.open();
  return session;
}

class SspiSession implements SystemSession {
  readonly #sspi: SspiLibrary;
  readonly #package: SspiPackage;
  readonly #settings: KerberosSettings;
  readonly #credential = Buffer.alloc(16);
  readonly #context = Buffer.alloc(16);
  #hasCredential = false;
  #hasContext = false;
  /** What another thread works on: addresses alone do not keep memory alive. */
  readonly #pinned = new Set<unknown>();
  #sizes: { readonly signature: number; readonly block: number; readonly trailer: number } | undefined;

  constructor(sspi: SspiLibrary, name: SspiPackage, settings: KerberosSettings) {
    this.#sspi = sspi;
    this.#package = name;
    this.#settings = settings;
  }

  async open(): Promise<void> {
    const { credential } = this.#settings;
    const [name, expiry] = [wide(this.#package), Buffer.alloc(8)];
    const identity = credential === undefined ? undefined : this.#identity(credential);
    this.#pinned.add([name, expiry, identity]);
    try {
      const status = await onThread<number>((done) =>
        this.#sspi.AcquireCredentialsHandleW.async(
          null,
          this.#address(name),
          OUTBOUND,
          null,
          identity?.address ?? null,
          null,
          null,
          this.#address(this.#credential),
          this.#address(expiry),
          done,
        ),
      );
      expectOk(status);
      this.#hasCredential = true;
    } finally {
      this.#pinned.clear();
      for (const part of identity?.parts ?? []) part.fill(0);
    }
  }

  async step(
    token: Uint8Array | undefined,
  ): Promise<{ token?: Uint8Array | undefined; isComplete: boolean }> {
    const { target, channelBinding, isDceStyle } = this.#settings;
    const given: SspiBuffer[] =
      token === undefined ? [] : [{ type: BufferType.TOKEN, octets: Buffer.from(token) }];
    if (channelBinding !== undefined) {
      given.push({ type: BufferType.CHANNEL_BINDINGS, octets: channelBindings(channelBinding) });
    }
    const input = new SspiBuffers(this.#sspi.koffi, given);
    const output = new SspiBuffers(this.#sspi.koffi, [
      { type: BufferType.TOKEN, octets: Buffer.alloc(MAX_TOKEN) },
    ]);
    const [name, granted, expiry] = [wide(target), Buffer.alloc(4), Buffer.alloc(8)];
    const context = this.#address(this.#context);
    this.#pinned.add([input, output, name, granted, expiry]);
    let status = await onThread<number>((done) =>
      this.#sspi.InitializeSecurityContextW.async(
        this.#address(this.#credential),
        this.#hasContext ? context : null,
        this.#address(name),
        isDceStyle ? REQUESTED | DCE_STYLE : REQUESTED,
        0,
        NATIVE,
        given.length > 0 ? input.address : null,
        0,
        context,
        output.address,
        this.#address(granted),
        this.#address(expiry),
        done,
      ),
    );
    this.#pinned.clear();
    if (status === COMPLETE_NEEDED || status === COMPLETE_AND_CONTINUE) {
      expectOk(this.#sspi.CompleteAuthToken(context, output.address));
      status = status === COMPLETE_NEEDED ? OK : CONTINUE_NEEDED;
    }
    if (status !== CONTINUE_NEEDED) expectOk(status);
    this.#hasContext = true;
    const answer = Buffer.from(output.at(0));
    if (status === OK) this.#complete(granted.readUInt32LE());
    return { token: answer.length > 0 ? answer : undefined, isComplete: status === OK };
  }

  wrap(data: Uint8Array, surroundings: Surroundings): Wrapped {
    const token = { type: BufferType.TOKEN, octets: Buffer.alloc(this.#sizes!.trailer) };
    const body = { type: BufferType.DATA, octets: Buffer.from(data) };
    // DCE style pads outside, where the fragment is put together.
    const size = this.#settings.isDceStyle ? 0 : this.#sizes!.block;
    const padding = size === 0 ? [] : [{ type: BufferType.PADDING, octets: Buffer.alloc(size) }];
    const buffers = this.#buffers(token, body, surroundings, padding);
    expectOk(this.#sspi.EncryptMessage(this.#address(this.#context), 0, buffers.all.address, 0));
    const padded = padding.length > 0 ? buffers.all.at(buffers.count - 1) : Buffer.alloc(0);
    return { token: buffers.all.at(0), data: Buffer.concat([body.octets, padded]) };
  }

  unwrap({ data, token }: Wrapped, surroundings: Surroundings): Uint8Array {
    const header = { type: BufferType.TOKEN, octets: Buffer.from(token) };
    const body = { type: BufferType.DATA, octets: Buffer.from(data) };
    const buffers = this.#buffers(header, body, surroundings, []);
    const quality = Buffer.alloc(4);
    const context = this.#address(this.#context);
    expectOk(this.#sspi.DecryptMessage(context, buffers.all.address, 0, this.#address(quality)));
    // SECQOP_WRAP_NO_ENCRYPT: signed only.
    if (quality.readUInt32LE() === 0x80000001) throw new AuthError('tampered', 'A message came unsealed.');
    return buffers.all.at(buffers.body);
  }

  sign(message: Uint8Array): Uint8Array {
    const buffers = this.#signed(message, Buffer.alloc(this.#sizes!.signature));
    expectOk(this.#sspi.MakeSignature(this.#address(this.#context), 0, buffers.address, 0));
    return Buffer.from(buffers.at(1));
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    const buffers = this.#signed(message, Buffer.from(signature));
    const quality = this.#address(Buffer.alloc(4));
    expectOk(this.#sspi.VerifySignature(this.#address(this.#context), buffers.address, 0, quality));
  }

  sessionKey(): Uint8Array {
    const found = Buffer.alloc(16);
    const { koffi, QueryContextAttributesW: query, FreeContextBuffer: free } = this.#sspi;
    expectOk(query(this.#address(this.#context), SESSION_KEY, this.#address(found)));
    const [length, place] = [found.readUInt32LE(0), found.readBigUInt64LE(8)];
    const key = Buffer.from(koffi.view(place, length).slice(0));
    free(place);
    return key;
  }

  close(): void {
    if (this.#hasContext) this.#sspi.DeleteSecurityContext(this.#address(this.#context));
    if (this.#hasCredential) this.#sspi.FreeCredentialsHandle(this.#address(this.#credential));
    this.#hasContext = this.#hasCredential = false;
  }

  #complete(granted: number): void {
    // Windows says nothing of mutual authentication for NTLM, which has none.
    const needed =
      this.#package === 'Kerberos' ? MUTUAL | CONFIDENTIAL | INTEGRITY : CONFIDENTIAL | INTEGRITY;
    if ((granted & needed) !== needed) {
      throw new AuthError(
        'downgrade',
        'The server did not prove itself, or does not let messages be sealed.',
      );
    }
    const sizes = Buffer.alloc(16);
    expectOk(this.#sspi.QueryContextAttributesW(this.#address(this.#context), SIZES, this.#address(sizes)));
    this.#sizes = {
      signature: sizes.readUInt32LE(4),
      block: sizes.readUInt32LE(8),
      trailer: sizes.readUInt32LE(12),
    };
  }

  #buffers(
    token: SspiBuffer,
    body: SspiBuffer,
    { before, after }: Surroundings,
    padding: readonly SspiBuffer[],
  ) {
    const signed = (part: Uint8Array | undefined) =>
      part === undefined ? [] : [{ type: BufferType.SIGNED, octets: Buffer.from(part) }];
    const list = [token, ...signed(before), body, ...signed(after), ...padding];
    return { all: new SspiBuffers(this.#sspi.koffi, list), body: list.indexOf(body), count: list.length };
  }

  #signed(message: Uint8Array, signature: Buffer): SspiBuffers {
    return new SspiBuffers(this.#sspi.koffi, [
      { type: BufferType.DATA, octets: Buffer.from(message) },
      { type: BufferType.TOKEN, octets: signature },
    ]);
  }

  /** SEC_WINNT_AUTH_IDENTITY_W, and everything in it that has to be wiped. */
  #identity(credential: PasswordCredential): { address: bigint; parts: readonly Buffer[] } {
    const { user, domain } = accountOf(credential);
    const password = passwordOf(credential);
    const texts = [Buffer.from(user, 'utf16le'), Buffer.from(domain, 'utf16le'), password];
    const identity = Buffer.alloc(48);
    const ended = texts.map((text) => Buffer.concat([text, Buffer.alloc(2)]));
    for (const [index, text] of ended.entries()) {
      identity.writeBigUInt64LE(this.#address(text), index * 16);
      identity.writeUInt32LE(text.length / 2 - 1, index * 16 + 8);
    }
    identity.writeUInt32LE(UNICODE, 44);
    return { address: this.#address(identity), parts: [identity, password, ...ended] };
  }

  #address(octets: Uint8Array): bigint {
    return this.#sspi.koffi.address(octets);
  }
}

function wide(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf16le');
}

function expectOk(status: number): void {
  if (status >>> 0 !== OK) throw explainStatus(status >>> 0);
}
