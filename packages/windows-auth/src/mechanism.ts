import { AuthError } from './errors.ts';
import type { SecurityContext } from './security-context.ts';

/** A context that SPNEGO can carry. */
export interface Mechanism extends SecurityContext {
  readonly mechanism: 'ntlm' | 'kerberos';
  /** In the order it is offered under, dotted. */
  readonly oids: readonly [string, ...string[]];
  /** A signature over the list of mechanisms (RFC 4178 section 5), which leaves the key stream where it was. */
  signMechanisms(list: Uint8Array): Uint8Array;
  verifyMechanisms(list: Uint8Array, signature: Uint8Array): void;
}

/** What a context is in. Whoever throws has failed, and stays so. */
export class Lifetime {
  #state: 'handshake' | 'complete' | 'failed' | 'disposed' = 'handshake';
  #isStepping = false;

  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  get isDisposed(): boolean {
    return this.#state === 'disposed';
  }

  get isStepping(): boolean {
    return this.#isStepping;
  }

  complete(): void {
    if (this.#state === 'handshake') this.#state = 'complete';
  }

  dispose(): void {
    this.#state = 'disposed';
  }

  /** Runs one step of the handshake; never two at a time. */
  async step<T>(act: () => T | Promise<T>): Promise<T> {
    this.#expectUsable();
    if (this.#isStepping) throw new AuthError('not-ready', 'The last step of the sign-in is not over yet.');
    if (this.isComplete) throw this.#failed('bad-token', 'A token came after the sign-in was complete.');
    this.#isStepping = true;
    try {
      const result = await act();
      // Disposed while it waited: what it made must not come back to life.
      this.#expectUsable();
      return result;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#isStepping = false;
    }
  }

  /** Runs one use of a complete context. */
  use<T>(act: () => T): T {
    this.#expectUsable();
    if (!this.isComplete) throw new AuthError('not-ready', 'The sign-in is not complete yet.');
    try {
      return act();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #expectUsable(): void {
    if (this.#state === 'failed' || this.#state === 'disposed') {
      throw new AuthError('used-up', 'This sign-in has failed or was closed, and cannot be used any more.', {
        next: 'Connect again: every connection signs in for itself.',
      });
    }
  }

  #failed(code: 'bad-token', message: string): AuthError {
    return this.#fail(new AuthError(code, message)) as AuthError;
  }

  #fail(error: unknown): unknown {
    if (this.#state !== 'disposed') this.#state = 'failed';
    return error;
  }
}
