import type { PasswordCredential } from './credential.ts';
import { Lifetime, type Mechanism } from './mechanism.ts';
import type { Surroundings, Wrapped } from './security-context.ts';

export interface KerberosSettings {
  /** The service principal name, such as `HTTP/server`. */
  readonly target: string;
  /** Without one, whoever this program runs as: a ticket of `kinit` here, the logon on Windows. */
  readonly credential?: PasswordCredential | undefined;
  /** The channel's application data, from `channelBindingOf`. */
  readonly channelBinding?: Uint8Array | undefined;
  /** For DCE/RPC: three legs, and signed surroundings (MS-KILE 3.1.1.2). */
  readonly isDceStyle?: boolean | undefined;
}

/** What a system's library does for one sign-in. Throws `AuthError`. */
export interface KerberosSession {
  step(token: Uint8Array | undefined): Promise<{ token?: Uint8Array | undefined; isComplete: boolean }>;
  wrap(data: Uint8Array, surroundings: Surroundings): Wrapped;
  unwrap(wrapped: Wrapped, surroundings: Surroundings): Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): void;
  sessionKey(): Uint8Array;
  close(): void;
}

/**
 * Kerberos with mutual authentication through the system's own library: GSS-API on Linux and macOS, SSPI on Windows. It, and `koffi`,
 * which calls it, are looked for at the first step; where one is missing, that step throws `no-library`.
 */
export function kerberos(settings: KerberosSettings): Mechanism {
  return new KerberosContext(() => openSession(settings));
}

async function openSession(settings: KerberosSettings): Promise<KerberosSession> {
  if (process.platform === 'win32') return (await import('./sspi-session.ts')).openSspi('Kerberos', settings);
  return (await import('./gssapi-session.ts')).openGssapi(settings);
}

class KerberosContext implements Mechanism {
  readonly mechanism = 'kerberos';
  // Microsoft's own first: a typing error of theirs that became the name Windows prefers (MS-SPNG 3.1.5.2).
  readonly oids = ['1.2.840.48018.1.2.2', '1.2.840.113554.1.2.2'] as const;
  readonly #open: () => Promise<KerberosSession>;
  readonly #lifetime = new Lifetime();
  #session: KerberosSession | undefined;
  #isStepping = false;

  constructor(open: () => Promise<KerberosSession>) {
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
      this.#isStepping = true;
      try {
        this.#session ??= await this.#open();
        const answer = await this.#session.step(token);
        if (answer.isComplete) this.#lifetime.complete();
        return answer.token;
      } finally {
        this.#isStepping = false;
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
    if (!this.#isStepping) this.#close();
  }

  #close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  #use<T>(act: (session: KerberosSession) => T): T {
    return this.#lifetime.use(() => act(this.#session!));
  }
}
