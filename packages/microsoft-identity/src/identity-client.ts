import type { Acquired } from './acquisition.ts';
import { checkClientId, checkScopes, checkTenant, isTenantId } from './application.ts';
import { decodeClaims, textClaim } from './claims.ts';
import type { Environment } from './environments.ts';
import { IdentityError } from './errors.ts';
import type { Setting } from './flows.ts';
import { COMPUTER_CLOCK, Http, type Clock } from './http.ts';
import {
  parsePartition,
  refreshTokenIn,
  writePartition,
  type PartitionContent,
  type StoredToken,
} from './partition.ts';
import type { TokenPartition } from './partition.ts';
import type { DeviceCode, SignIn, SignInKind, Token } from './sign-in.ts';
import { wrongTenant } from './token-checks.ts';

export interface IdentityOptions {
  readonly environment: Environment;
  /** The application's own GUID; needed by every kind of sign-in but `managed-identity` and `access-token`. */
  readonly clientId?: string | undefined;
  /** GUID or domain; `organizations` when absent, which only people can sign in to. */
  readonly tenant?: string | undefined;
  readonly signIn: SignIn;
  readonly partition: TokenPartition;
  readonly fetch: typeof fetch;
  /** The computer's own when absent. */
  readonly clock?: Clock | undefined;
  /** Milliseconds for one request; 30 seconds when absent. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds that a person has in the browser; 5 minutes when absent. A device code has a life of its own. */
  readonly signInTimeout?: number | undefined;
}

export interface AcquireRequest {
  readonly scopes: readonly string[];
  /** Not the token that is kept: one that the service issues now. */
  readonly forceRefresh?: boolean | undefined;
  /** A resource's challenge (JSON), as its 401 carries one. */
  readonly claims?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SignInRequest extends Pick<AcquireRequest, 'scopes' | 'claims' | 'signal'> {
  /** Shows a person the sign-in page; `interactive` needs it. */
  readonly openBrowser?: ((url: string) => void | Promise<void>) | undefined;
  /** Tells a person the code, and where to type it; `device-code` needs it. Waiting begins when it returns. */
  readonly onDeviceCode?: ((code: DeviceCode) => void | Promise<void>) | undefined;
  /** Who is expected to sign in. */
  readonly loginHint?: string | undefined;
}

/** What became of a refresh token: `none` where a sign-in has none, `unknown` where the service did not say. */
export type Redeemability =
  | { readonly status: 'accepted' | 'none' }
  | { readonly status: 'refused'; readonly error: IdentityError }
  | { readonly status: 'unknown'; readonly error: unknown };

/** A kept token is used until so many milliseconds before its end. */
const MARGIN = 300_000;
const NEEDS_NO_CLIENT: readonly SignInKind[] = ['managed-identity', 'access-token'];

/**
 * One session with a Microsoft cloud. Its tokens live in its partition and nowhere else, and it is answered from there alone:
 * a token of another tenant or account than the session's is refused. MSAL, and all that fetches
 * tokens, is loaded when one must be fetched.
 */
export class IdentityClient {
  readonly #options: IdentityOptions;
  readonly #clock: Clock;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#clock = options.clock ?? COMPUTER_CLOCK;
  }

  /** Signs in and fills the partition, whatever was in it. What fails leaves it as it was. */
  async signIn(request: SignInRequest): Promise<Token> {
    const {
      scopes,
      claims,
      signal = never(),
      signInTimeout: timeout = 300_000,
      ...asking
    } = {
      ...request,
      signInTimeout: this.#options.signInTimeout,
    };
    const wish = { scopes: checkScopes(scopes), claims };
    const { signInAnew } = await import('./acquisition.ts');
    const acquired = await signInAnew(this.#setting(), wish, { ...asking, timeout }, signal);
    await this.#options.partition.replace(async () => writePartition(acquired.content));
    return this.#tokenOf(acquired.token, acquired.content);
  }

  /**
   * A token that is good for at least five minutes: the one that is kept, or a fresh one. Asks no person; `sign-in-required`
   * and its like say when one is needed. What fails leaves the partition as it was.
   */
  async acquire({ scopes, forceRefresh = false, claims, signal = never() }: AcquireRequest): Promise<Token> {
    const wish = { scopes: checkScopes(scopes), claims };
    const isFresh = forceRefresh || claims !== undefined;
    const before = this.#parse(await this.#options.partition.read());
    const kept = before && this.#kept(before, wish.scopes);
    if (before && kept && !isFresh) return this.#tokenOf(kept, before);
    let acquired: Acquired | undefined;
    await this.#options.partition.replace(async (text) => {
      const current = this.#parse(text);
      const found = current && this.#kept(current, wish.scopes);
      // Somebody else was faster: their token is as fresh as ours would be.
      const isNew = found !== undefined && found.accessToken !== kept?.accessToken && claims === undefined;
      if (current && isNew) {
        acquired = { token: found, content: current };
        return text;
      }
      this.#refuseToRenewGiven(current);
      const { renew } = await import('./acquisition.ts');
      acquired = await renew(this.#setting(current), wish, current, signal);
      return writePartition(acquired.content);
    });
    if (acquired === undefined) throw new TypeError('the partition did not call back');
    return this.#tokenOf(acquired.token, acquired.content);
  }

  /**
   * Whether the service still redeems this session's refresh token, tried with the token itself. Changes nothing in the
   * partition: what a successful try brings is thrown away.
   */
  async redeemable({
    signal = never(),
  }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Redeemability> {
    const content = this.#parse(await this.#options.partition.read());
    const refreshToken = content?.msal === undefined ? undefined : refreshTokenIn(content.msal);
    if (content === undefined || refreshToken === undefined) return { status: 'none' };
    try {
      const { openMsal } = await import('./flows.ts');
      const { msal } = await openMsal(this.#setting(content), signal);
      await msal.redeem({ scopes: content.tokens.at(-1)?.wanted ?? ['openid'] }, refreshToken);
      return { status: 'accepted' };
    } catch (error) {
      signal.throwIfAborted();
      const isRefused =
        IdentityError.is(error) && (error.code === 'grant-revoked' || error.code === 'grant-expired');
      return isRefused ? { status: 'refused', error } : { status: 'unknown', error };
    }
  }

  /** Everything the caller gave, checked; the tenant is the one that the session is known to be of. */
  #setting(content?: PartitionContent): Setting {
    const { environment, fetch, signIn, requestTimeout: timeout = 30_000 } = this.#options;
    const clock = this.#clock;
    return {
      environment,
      clientId: this.#clientId,
      tenant: content?.tenantId ?? checkTenant(this.#options.tenant),
      signIn,
      http: new Http({ fetch, clock, timeout }),
      clock,
    };
  }

  get #clientId(): string | undefined {
    const { clientId, signIn } = this.#options;
    return clientId === undefined && NEEDS_NO_CLIENT.includes(signIn.kind)
      ? undefined
      : checkClientId(clientId);
  }

  /** The partition's content, where it is of this session's application, environment and tenant. */
  #parse(text: string | undefined): PartitionContent | undefined {
    if (text === undefined) return undefined;
    const content = parsePartition(text);
    const { environment, signIn } = this.#options;
    const isOurs =
      content.login === environment.login &&
      content.clientId === this.#clientId &&
      content.kind === signIn.kind;
    if (!isOurs) {
      throw new IdentityError(
        'unreadable-partition',
        'what is kept is of another application, environment or sign-in',
        {
          next: 'disconnect the session and sign in again',
        },
      );
    }
    const tenant = checkTenant(this.#options.tenant);
    if (isTenantId(tenant) && content.tenantId !== undefined && content.tenantId !== tenant)
      throw wrongTenant();
    return content;
  }

  #kept({ kind, tokens }: PartitionContent, scopes: readonly string[]): StoredToken | undefined {
    const isGiven = kind === 'access-token';
    const now = this.#clock.now();
    return tokens.find(
      ({ wanted, expiresAt = Infinity }) =>
        expiresAt > now + (isGiven ? 0 : MARGIN) && (isGiven || wanted.join(' ') === scopes.join(' ')),
    );
  }

  /** What was given once is all there is: the same again would not be a fresh one. */
  #refuseToRenewGiven(content: PartitionContent | undefined): void {
    if (content?.kind !== 'access-token') return;
    throw new IdentityError(
      'sign-in-required',
      'a given access token has expired or was refused, and cannot be renewed',
      {
        next: 'sign in with a fresh token, or in another way',
      },
    );
  }

  #tokenOf({ accessToken, expiresAt, scopes }: StoredToken, content: PartitionContent): Token {
    // Kept sealed, and checked when it came; this is what stands between a mix-up and a wrong answer.
    const tenantId = textClaim(decodeClaims(accessToken), 'tid')?.toLowerCase();
    if (tenantId !== undefined && tenantId !== content.tenantId) throw wrongTenant();
    const { kind, account } = content;
    return { accessToken, expiresAt, scopes, tenantId: content.tenantId, account, kind };
  }
}

function never(): AbortSignal {
  return new AbortController().signal;
}
