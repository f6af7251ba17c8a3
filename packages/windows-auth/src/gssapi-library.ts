import type { KoffiFunc, TypeObject } from 'koffi';
import { loadKoffi, loadLibrary, type Koffi, type Pointer } from './koffi.ts';

/** The part of GSS-API (RFC 2744, and MIT's extensions) that one initiator needs, as C functions. */

export interface GssBuffer {
  length: number | bigint;
  value: Uint8Array | Pointer;
}

export interface GssIovBuffer {
  type: number;
  buffer: GssBuffer;
}

export interface GssOid {
  readonly length: number;
  readonly elements: Uint8Array;
}

export interface GssBindings {
  readonly initiator_addrtype: number;
  readonly initiator_address: GssBuffer;
  readonly acceptor_addrtype: number;
  readonly acceptor_address: GssBuffer;
  readonly application_data: GssBuffer;
}

type Out<T> = [T];
type In = GssBuffer | null;
type Status = number;
type Spec = string | TypeObject | ReturnType<Koffi['out']>;

interface GssFunctions {
  gss_import_name(minor: Out<number>, name: In, type: GssOid, result: Out<Pointer>): Status;
  gss_release_name(minor: Out<number>, name: Out<Pointer>): Status;
  gss_release_cred(minor: Out<number>, credential: Out<Pointer>): Status;
  gss_delete_sec_context(minor: Out<number>, context: Out<Pointer>, token: null): Status;
  gss_release_buffer(minor: Out<number>, buffer: GssBuffer): Status;
  gss_release_iov_buffer(minor: Out<number>, buffers: GssIovBuffer[], count: number): Status;
  gss_release_buffer_set(minor: Out<number>, set: Out<Pointer>): Status;
  gss_wrap_iov(
    minor: Out<number>,
    context: Pointer,
    seal: number,
    quality: number,
    sealed: Out<number>,
    buffers: GssIovBuffer[],
    count: number,
  ): Status;
  gss_unwrap_iov(
    minor: Out<number>,
    context: Pointer,
    sealed: Out<number>,
    quality: Out<number>,
    buffers: GssIovBuffer[],
    count: number,
  ): Status;
  gss_unwrap(
    minor: Out<number>,
    context: Pointer,
    sealedMessage: In,
    message: GssBuffer,
    sealed: Out<number>,
    quality: Out<number>,
  ): Status;
  gss_get_mic(minor: Out<number>, context: Pointer, quality: number, message: In, token: GssBuffer): Status;
  gss_verify_mic(minor: Out<number>, context: Pointer, message: In, token: In, quality: Out<number>): Status;
  gss_inquire_sec_context_by_oid(
    minor: Out<number>,
    context: Pointer,
    oid: GssOid,
    set: Out<Pointer>,
  ): Status;
}

type AcquireCredential = (
  minor: Out<number>,
  name: Pointer,
  password: In,
  time: number,
  mechanisms: { count: number; elements: GssOid[] } | null,
  usage: number,
  credential: Out<Pointer>,
  actual: null,
  timeReceived: null,
) => Status;

type InitContext = (
  minor: Out<number>,
  credential: Pointer,
  context: Out<Pointer>,
  name: Pointer,
  mechanism: GssOid,
  flags: number,
  time: number,
  bindings: GssBindings | null,
  input: In,
  actual: null,
  output: GssBuffer,
  granted: Out<number>,
  timeReceived: null,
) => Status;

export interface GssLibrary extends GssFunctions {
  readonly koffi: Koffi;
  /** Talks to the network, so it runs on another thread. */
  readonly gss_acquire_cred_with_password: KoffiFunc<AcquireCredential>;
  readonly gss_init_sec_context: KoffiFunc<InitContext>;
  /** The octets that a buffer points to, copied. */
  copy(buffer: GssBuffer): Buffer;
  /** The same; the library's own memory is given back. */
  take(buffer: GssBuffer): Buffer;
  /** The first buffer of a set, copied. */
  takeSet(set: Pointer): Buffer | undefined;
}

const LIBRARIES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  // Apple's own GSS.framework keeps what seals to itself; Homebrew's and MacPorts' MIT Kerberos do not.
  darwin: [
    '/opt/homebrew/opt/krb5/lib/libgssapi_krb5.2.2.dylib',
    '/usr/local/opt/krb5/lib/libgssapi_krb5.2.2.dylib',
    '/opt/local/lib/libgssapi_krb5.2.2.dylib',
  ],
};

let loaded: Promise<GssLibrary> | undefined;

/** MIT Kerberos, loaded once. A failed attempt is not kept: the library may be there later. */
export function gssLibrary(): Promise<GssLibrary> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<GssLibrary> {
  const koffi = await loadKoffi();
  const library = loadLibrary(koffi, LIBRARIES[process.platform] ?? ['libgssapi_krb5.so.2']);
  // MIT's header packs its structures on macOS.
  const struct = process.platform === 'darwin' ? koffi.pack : koffi.struct;
  const buffer = struct({ length: 'size_t', value: 'void *' });
  const oid = struct({ length: 'uint32_t', elements: 'void *' });
  const oidSet = struct({ count: 'size_t', elements: koffi.pointer(oid) });
  const iov = struct({ type: 'uint32_t', buffer });
  const bindings = struct({
    initiator_addrtype: 'uint32_t',
    initiator_address: buffer,
    acceptor_addrtype: 'uint32_t',
    acceptor_address: buffer,
    application_data: buffer,
  });

  const input = koffi.pointer(buffer);
  const inout = koffi.inout(koffi.pointer(buffer));
  const buffers = koffi.inout(koffi.pointer(iov));
  const number = koffi.out('uint32_t *');
  const handle = koffi.inout('void **');
  const mechanism = koffi.pointer(oid);
  const define = (name: string, ...parameters: readonly Spec[]) =>
    library.func(name, 'uint32_t', [number, ...parameters]);
  const functions = {
    gss_import_name: define('gss_import_name', input, mechanism, handle),
    gss_release_name: define('gss_release_name', handle),
    gss_release_cred: define('gss_release_cred', handle),
    gss_delete_sec_context: define('gss_delete_sec_context', handle, 'void *'),
    gss_release_buffer: define('gss_release_buffer', inout),
    gss_release_iov_buffer: define('gss_release_iov_buffer', buffers, 'int'),
    gss_release_buffer_set: define('gss_release_buffer_set', handle),
    gss_wrap_iov: define('gss_wrap_iov', 'void *', 'int', 'uint32_t', number, buffers, 'int'),
    gss_unwrap_iov: define('gss_unwrap_iov', 'void *', number, number, buffers, 'int'),
    gss_unwrap: define('gss_unwrap', 'void *', input, inout, number, number),
    gss_get_mic: define('gss_get_mic', 'void *', 'uint32_t', input, inout),
    gss_verify_mic: define('gss_verify_mic', 'void *', input, input, number),
    gss_inquire_sec_context_by_oid: define('gss_inquire_sec_context_by_oid', 'void *', mechanism, handle),
    gss_acquire_cred_with_password: define(
      'gss_acquire_cred_with_password',
      ...['void *', input, 'uint32_t', koffi.pointer(oidSet), 'int', handle, 'void *', 'void *'],
    ),
    gss_init_sec_context: define(
      'gss_init_sec_context',
      ...['void *', handle, 'void *', mechanism, 'uint32_t', 'uint32_t', koffi.pointer(bindings)],
      ...[input, 'void *', inout, number, 'void *'],
    ),
  } as unknown as Omit<GssLibrary, 'koffi' | 'copy' | 'take' | 'takeSet'>;

  const copy = ({ length, value }: GssBuffer): Buffer =>
    typeof value === 'bigint' ? Buffer.from(koffi.view(value, Number(length)).slice(0)) : Buffer.alloc(0);
  return {
    ...functions,
    koffi,
    copy,
    take(source) {
      const octets = copy(source);
      functions.gss_release_buffer([0], source);
      return octets;
    },
    takeSet(set) {
      const { count, elements } = koffi.decode(set, oidSet) as { count: number; elements: Pointer };
      return count > 0 ? copy(koffi.decode(elements, buffer) as GssBuffer) : undefined;
    },
  };
}
