/** What a context signs but does not encrypt, around what it wraps: the header and trailer of an RPC fragment. */
export interface Surroundings {
  readonly before?: Uint8Array | undefined;
  readonly after?: Uint8Array | undefined;
}

/** Data that was wrapped, and the token that goes with it: 16 octets for NTLM, the header and checksum for Kerberos. */
export interface Wrapped {
  readonly data: Uint8Array;
  readonly token: Uint8Array;
}

/**
 * The client's side of one authentication, as GSS-API (RFC 2743) and SSPI have it. Steps until `isComplete`; then it wraps and
 * unwraps, in the order of the wire: each call takes the next sequence number. Methods throw `AuthError`; a context that
 * has thrown refuses further use. Disposing wipes its keys.
 */
export interface SecurityContext extends Disposable {
  readonly mechanism: 'ntlm' | 'kerberos' | 'negotiate' | 'credssp';
  /** No further token is expected. */
  readonly isComplete: boolean;
  /** Takes the server's token, absent at first; answers the next one to send, or nothing. */
  step(token?: Uint8Array): Promise<Uint8Array | undefined>;
  /** Encrypts, and signs what was given together with its surroundings. */
  wrap(data: Uint8Array, surroundings?: Surroundings): Wrapped;
  /** Undoes `wrap` of the other side; throws `tampered` where the signature, `out-of-sequence` where the number is not right. */
  unwrap(wrapped: Wrapped, surroundings?: Surroundings): Uint8Array;
  /** A signature without encryption (MIC). */
  sign(message: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): void;
  /** The exported session key, which SMB signs and encrypts with: 16 octets for NTLM, the (sub)session key for Kerberos. */
  readonly sessionKey: Uint8Array;
}
