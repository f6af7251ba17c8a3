import type * as koffi from 'koffi';
import { AuthError } from './errors.ts';

export type Koffi = typeof koffi;

/** A pointer as koffi gives it; `null` is C's. */
export type Pointer = bigint | null;

const NEXT =
  'Install the optional package koffi and the Kerberos library of the system (libgssapi-krb5-2 on Debian, krb5-libs on Fedora), or sign in with NTLM, a certificate or Basic over HTTPS instead.';

/** koffi, which is optional and loaded only when it is needed. */
export async function loadKoffi(): Promise<Koffi> {
  try {
    const loaded = (await import('koffi')) as Koffi & { default?: Koffi };
    return loaded.default ?? loaded;
  } catch (error) {
    throw missing('The package koffi, which calls the system for Kerberos, is not installed.', error);
  }
}

/** The first of these libraries that the system has. */
export function loadLibrary(library: Koffi, names: readonly string[]): ReturnType<Koffi['load']> {
  const problems: unknown[] = [];
  for (const name of names) {
    try {
      return library.load(name);
    } catch (error) {
      problems.push(error);
    }
  }
  throw missing(`The system has no Kerberos library (${names.join(', ')}).`, problems[0]);
}

function missing(message: string, cause: unknown): AuthError {
  return new AuthError('no-library', message, { next: NEXT, cause });
}

/** The result of a call that runs on another thread, because it may ask the network. */
export function onThread<T>(call: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}
