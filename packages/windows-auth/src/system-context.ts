import { Lifetime } from './mechanism.ts';
import type { SecurityContext, Surroundings, Wrapped } from './security-context.ts';

/** What a system's library does for one sign-in. Throws `AuthError`. */
export interface SystemSession {
  step(token: Uint8Array | undefined): Promise<{ token?: Uint8Array | undefined; isComplete: boolean }>;
  wrap(data: Uint8Array, surroundings: Surroundings): Wrapped;
  unwrap(wrapped: Wrapped, surroundings: Surroundings): Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): void;
  sessionKey(): Uint8Array;
  close(): void;
}

/** A sign-in that the system's library does. Opened at the first step; closed when disposed, but not under a step that runs. */
export class SystemContext<Name extends SecurityContext['mechanism']> implements SecurityContext {
  readonly mechanism: Name;
  readonly oids: readonly [string, ...string[]];
  readonly #open: () => Promise<SystemSession>;
  readonly #lifetime = new Lifetime();
  #session: SystemSession | undefined;

  constructor(mechanism: Name, oids: readonly [string, ...string[]], open: () => Promise<SystemSession>) {
    this.mechanism = mechanism;
    this.oids = oids;
    this.#open = open;
  }

  get isComplete(): boolean {
    return this.#lifetime.isComplete;
  }

  get sessionKey(): Uint8Array {
    return this.#use((session) => session.sessionKey());
  }

  step(token?: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#lifetime.step(async () => {
      try {
        this.#session ??= await this.#open();
        const answer = await this.#session.step(token);
        if (answer.isComplete) this.#lifetime.complete();
        return answer.token;
      } finally {
        if (this.#lifetime.isDisposed) this.#close();
      }
    });
  }

  wrap(data: Uint8Array, surroundings: Surroundings = {}): Wrapped {
    return this.#use((session) => session.wrap(data, surroundings));
  }

  unwrap(wrapped: Wrapped, surroundings: Surroundings = {}): Uint8Array {
    return this.#use((session) => session.unwrap(wrapped, surroundings));
  }

  sign(message: Uint8Array): Uint8Array {
    return this.#use((session) => session.sign(message));
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#use((session) => session.verify(message, signature));
  }

  signMechanisms(list: Uint8Array): Uint8Array {
    return this.sign(list);
  }

  verifyMechanisms(list: Uint8Array, signature: Uint8Array): void {
    this.verify(list, signature);
  }

  [Symbol.dispose](): void {
    this.#lifetime.dispose();
    // A step runs on another thread and cannot be stopped: what it works on is closed once it is back.
    if (!this.#lifetime.isStepping) this.#close();
  }

  #close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  #use<T>(act: (session: SystemSession) => T): T {
    return this.#lifetime.use(() => act(this.#session!));
  }
}
