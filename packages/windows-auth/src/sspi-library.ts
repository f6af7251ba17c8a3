import type { KoffiFunc } from 'koffi';
import { AuthError } from './errors.ts';
import { loadKoffi, loadLibrary, type Koffi } from './koffi.ts';

/** The part of SSPI (sspi.h) that one initiator needs. Every pointer is an address, and every structure a buffer laid out here. */

type Address = bigint | null;

interface SspiFunctions {
  readonly AcquireCredentialsHandleW: Call<
    [Address, Address, number, Address, Address, Address, Address, Address, Address]
  >;
  readonly InitializeSecurityContextW: Call<
    [Address, Address, Address, number, number, number, Address, number, Address, Address, Address, Address]
  >;
  readonly CompleteAuthToken: Call<[Address, Address]>;
  readonly EncryptMessage: Call<[Address, number, Address, number]>;
  readonly DecryptMessage: Call<[Address, Address, number, Address]>;
  readonly MakeSignature: Call<[Address, number, Address, number]>;
  readonly VerifySignature: Call<[Address, Address, number, Address]>;
  readonly QueryContextAttributesW: Call<[Address, number, Address]>;
  readonly DeleteSecurityContext: Call<[Address]>;
  readonly FreeCredentialsHandle: Call<[Address]>;
  readonly FreeContextBuffer: Call<[Address]>;
}

type Call<P extends readonly unknown[]> = KoffiFunc<(...parameters: [...P]) => number>;

export interface SspiLibrary extends SspiFunctions {
  readonly koffi: Koffi;
}

/** `u` an unsigned long, `p` a pointer. */
const SIGNATURES: Readonly<Record<keyof SspiFunctions, string>> = {
  AcquireCredentialsHandleW: 'ppupppppp',
  InitializeSecurityContextW: 'pppuuupupppp',
  CompleteAuthToken: 'pp',
  EncryptMessage: 'pupu',
  DecryptMessage: 'ppup',
  MakeSignature: 'pupu',
  VerifySignature: 'ppup',
  QueryContextAttributesW: 'pup',
  DeleteSecurityContext: 'p',
  FreeCredentialsHandle: 'p',
  FreeContextBuffer: 'p',
};

/** Windows' own; `from` names another library with the same functions, whose names begin with `prefix`. */
export async function sspiLibrary(from = 'secur32.dll', prefix = ''): Promise<SspiLibrary> {
  const koffi = await loadKoffi();
  if (koffi.sizeof('void *') !== 8) {
    throw new AuthError('unsupported', 'Kerberos on Windows needs a Node.js of 64 bits.', {
      next: 'Install one.',
    });
  }
  const library = loadLibrary(koffi, [from]);
  const functions = Object.entries(SIGNATURES).map(([name, parameters]) => {
    const types = [...parameters].map((letter) => (letter === 'u' ? 'uint32_t' : 'void *'));
    return [name, library.func(`${prefix}${name}`, 'uint32_t', types)] as const;
  });
  return { koffi, ...(Object.fromEntries(functions) as unknown as SspiFunctions) };
}
