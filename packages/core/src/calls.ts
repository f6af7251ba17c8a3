import { DisconnectError } from './errors.ts';
import type { EntryState, Ledger, LedgerEntry } from './ledger.ts';
import type { CertificateFacts } from './network/trust.ts';
import type { ParameterTable } from './parameters.ts';
import type { CallContext, Credential, Notice, WantedCredential } from './provider.ts';
import { Secret } from './secret.ts';
import { sessionKey, type SessionRef } from './session.ts';

/** How an app asks a person. Absent members mean that nobody can be asked. */
export interface Prompts {
  readonly credential?:
    ((wanted: CredentialRequest, signal: AbortSignal) => Promise<Credential | undefined>) | undefined;
  readonly trust?: ((certificate: CertificateFacts, signal: AbortSignal) => Promise<boolean>) | undefined;
  /** Shows what a person has to do elsewhere, and does not wait until it is done. */
  readonly notice?: ((notice: Notice, signal: AbortSignal) => Promise<void>) | undefined;
}

export interface CredentialRequest {
  readonly provider: string;
  readonly endpoint: string;
  /** What is known already. */
  readonly userName?: string | undefined;
}

/** The halves of a credential that came with a call, as flags or fields. */
export interface GivenCredential {
  readonly userName?: string | undefined;
  readonly password?: Secret | undefined;
  /** What the caller has for single endpoints; asked where the halves are not both given, before what is saved. */
  readonly credentials?: ((provider: string, endpoint: string) => Credential | undefined) | undefined;
}

const OPEN_STATES: readonly EntryState[] = ['opening', 'open', 'closing', 'unknown'];

/** Makes the context of one call to a provider. */
export class Calls {
  readonly #ledger: () => Promise<Ledger>;
  readonly #prompts: Prompts;
  readonly #answers = new Map<string, Promise<Credential | undefined>>();

  constructor(ledger: () => Promise<Ledger>, prompts: Prompts) {
    this.#ledger = ledger;
    this.#prompts = prompts;
  }

  context(provider: string, signal: AbortSignal, given: GivenCredential = {}): CallContext {
    const secrets = new Map<string, Promise<Secret>>();
    return {
      signal,
      own: async () => (await this.entries(provider)).map((entry) => entry.session),
      // Asked once per call: another process may end the session, and with it the secret, between disconnect and probe.
      secret: (ref) => {
        const key = sessionKey(ref);
        const secret = secrets.get(key) ?? this.#secret(provider, ref);
        secrets.set(key, secret);
        return secret;
      },
      renew: async (ref, change) => {
        secrets.delete(sessionKey(ref));
        await (await this.#ledgerFor(provider, ref)).renew(ref, change);
      },
      credential: (endpoint, wanted) => this.#credential({ provider, endpoint, given, signal, ...wanted }),
    };
  }

  /** Tells a person what to do elsewhere. */
  async show(notice: Notice, signal: AbortSignal): Promise<void> {
    if (this.#prompts.notice === undefined) throw nobodyToTell();
    await this.#prompts.notice(notice, signal);
  }

  /** What this process has to do with. */
  async entries(provider: string): Promise<readonly LedgerEntry[]> {
    return (await this.#ledger()).entries({ provider, states: OPEN_STATES });
  }

  /** Those of every process: to read again what was named, and to know what is still there. */
  async allEntries(provider: string, ref?: SessionRef): Promise<readonly LedgerEntry[]> {
    return (await this.#ledger()).entries({ provider, ref, states: OPEN_STATES, ofOthers: true });
  }

  /** What people answered for this provider did not let them in: they are asked again. */
  forgetAnswers(provider: string): void {
    for (const key of this.#answers.keys())
      if ((JSON.parse(key) as readonly unknown[])[0] === provider) this.#answers.delete(key);
  }

  async #secret(provider: string, ref: SessionRef): Promise<Secret> {
    return (await this.#ledgerFor(provider, ref)).secret(ref);
  }

  async #ledgerFor(provider: string, ref: SessionRef): Promise<Ledger> {
    if (ref.provider === provider) return this.#ledger();
    throw new DisconnectError('forbidden', 'a provider may only use secrets of its own sessions');
  }

  async #credential(wanted: Wanted): Promise<Credential | undefined> {
    const { provider, endpoint, given, signal, kept, mayPrompt = true } = wanted;
    const { userName, password } = given;
    if (userName !== undefined && password !== undefined) return { userName, password };
    const lent = given.credentials?.(provider, endpoint);
    const saved =
      (lent === undefined || (userName ?? lent.userName) !== lent.userName ? undefined : lent) ??
      (await kept?.(userName)) ??
      (await (await this.#ledger()).credentials.find(provider, endpoint, userName));
    if (password !== undefined)
      return saved === undefined ? undefined : { userName: saved.userName, password };
    if (saved !== undefined) return saved;
    if (!mayPrompt) return undefined;
    const key = JSON.stringify([provider, endpoint.toLowerCase(), userName]);
    const asked =
      this.#answers.get(key) ?? this.#prompts.credential?.({ provider, endpoint, userName }, signal);
    if (asked === undefined) return undefined;
    this.#answers.set(key, asked);
    asked.catch(() => this.#answers.delete(key));
    return asked;
  }
}

interface Wanted extends WantedCredential {
  readonly provider: string;
  readonly endpoint: string;
  readonly given: GivenCredential;
  readonly signal: AbortSignal;
}

function nobodyToTell(): DisconnectError {
  return new DisconnectError(
    'unauthenticated',
    'this way of signing in needs a person, and there is nobody to tell',
    {
      next: 'sign in with a secret, a certificate or a token',
    },
  );
}

/** The halves of a credential among parsed values, by what the table says of them. */
export function givenCredential(
  table: ParameterTable,
  values: Readonly<Record<string, unknown>>,
): GivenCredential {
  const half = (which: 'userName' | 'password'): unknown =>
    Object.entries(table)
      .flatMap(([name, parameter]) => (parameter.credential === which ? [values[name]] : []))
      .find((value) => value !== undefined);
  const userName = half('userName');
  const password = half('password');
  return {
    ...(typeof userName === 'string' && { userName }),
    ...(password instanceof Secret && { password }),
  };
}
