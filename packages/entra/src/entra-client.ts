import {
  clientOf,
  GraphClient,
  HeldPartition,
  IdentityError,
  REVOKE_PERMISSION,
  type IdentityClient,
  type KeptServices,
  type KeptSignIn,
  type Redeemability,
  type Token,
  type TokenPartition,
} from '@slipline/microsoft-identity';

/** Permissions that include the one to revoke one's own sign-ins. */
const REVOKING = [REVOKE_PERMISSION, 'User.ReadWrite.All', 'Directory.ReadWrite.All'];

/** One sign-in at Entra, and what Graph does for it. Throws `IdentityError`, and what `fetch` and the partition throw. */
export class EntraClient {
  readonly identity: IdentityClient;
  readonly #graphClient: GraphClient;
  readonly #kept: KeptSignIn;
  readonly #services: KeptServices;
  readonly #scopes: readonly string[];

  constructor(
    kept: KeptSignIn,
    partition: TokenPartition,
    scopes: readonly string[],
    services: KeptServices,
  ) {
    this.#kept = kept;
    this.#services = services;
    this.#scopes = scopes;
    this.identity = clientOf(kept, partition, services);
    this.#graphClient = new GraphClient({ environment: kept.environment, ...services });
  }

  /** Where the tokens are for: an origin. */
  get graph(): string {
    return this.#kept.environment.graph;
  }

  /** The access token that is kept, or a fresh one. */
  token(signal: AbortSignal): Promise<Token> {
    return this.identity.acquire({ scopes: this.#scopes, signal });
  }

  /** A token to revoke with, issued now: whoever's grant is dead already cannot get one. */
  async revokingToken(signal: AbortSignal): Promise<Token> {
    const request = { forceRefresh: true, signal };
    const token = await this.identity.acquire({ ...request, scopes: this.#scopes });
    if (token.scopes.some((scope) => REVOKING.includes(scope))) return token;
    // What was asked for at the sign-in is less than what the registration was given.
    return this.identity.acquire({ ...request, scopes: [defaultScope(this.#kept)] });
  }

  revoke({ accessToken }: Token, signal: AbortSignal): Promise<void> {
    return this.#graphClient.revokeSignInSessions(accessToken, { signal });
  }

  redeemable(signal: AbortSignal): Promise<Redeemability> {
    return this.identity.redeemable({ signal });
  }

  /** Whether the service still gives this sign-in access, asked without keeping what it answers. */
  async isLive(signal: AbortSignal): Promise<boolean> {
    const { method, partition } = this.#kept;
    try {
      if (method.kind === 'access-token') {
        await this.#graphClient.me((await this.token(signal)).accessToken, { signal });
        return true;
      }
      const redeemability = await this.redeemable(signal);
      if (redeemability.status !== 'none') return isAccepted(redeemability);
      const scratch = new HeldPartition(partition);
      const request = { scopes: this.#scopes, forceRefresh: true, signal };
      await clientOf(this.#kept, scratch, this.#services).acquire(request);
      return true;
    } catch (error) {
      if (IdentityError.is(error) && DEAD.includes(error.kind)) return false;
      throw error;
    }
  }
}

/** All that the application's registration has been given at Graph. */
export function defaultScope({ environment }: Pick<KeptSignIn, 'environment'>): string {
  return `${environment.graph}/.default`;
}

const DEAD: readonly IdentityError['kind'][] = ['refused', 'denied', 'invalid'];

function isAccepted(redeemability: Redeemability): boolean {
  if (redeemability.status === 'unknown') throw redeemability.error;
  return redeemability.status === 'accepted';
}
