import type {
  AuthenticationResult,
  ConfidentialClientApplication,
  PublicClientApplication,
} from '@azure/msal-node';
import type { Environment } from './environments.ts';
import { IdentityError } from './errors.ts';
import type { Account } from './sign-in.ts';
import type { Transport } from './transport.ts';

export interface MsalOptions {
  readonly environment: Environment;
  readonly tenant: string;
  readonly clientId: string;
  readonly transport: Transport;
  /** What an earlier call left. */
  readonly cache?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** Makes an assertion for a token endpoint, in place of a secret. */
  readonly assertion?: ((tokenEndpoint: string) => Promise<string>) | undefined;
}

export interface Wish {
  readonly scopes: readonly string[];
  /** A challenge of a resource, to be answered by the token. */
  readonly claims?: string | undefined;
}

export interface BrowserWish extends Wish {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly challenge: string;
  readonly responseMode: 'form_post' | 'query';
  readonly loginHint?: string | undefined;
}

export interface CodeWish extends Wish {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly nonce: string;
}

type Application = PublicClientApplication | ConfidentialClientApplication;

/** MSAL for one call. The only file that knows it; it is loaded by `open`, and its cache lives as long as this object. */
export class Msal {
  readonly #application: Application;
  readonly #transport: Transport;
  readonly #authority: string;

  private constructor(application: Application, transport: Transport, authority: string) {
    this.#application = application;
    this.#transport = transport;
    this.#authority = authority;
  }

  static async open(options: MsalOptions): Promise<Msal> {
    const { environment, tenant, transport, cache, clientSecret, assertion } = options;
    const msal = await import('@azure/msal-node');
    const isOidc = environment.protocolMode === 'OIDC';
    const authority = `${environment.login}/${tenant}${isOidc ? '/v2.0' : ''}`;
    const credential =
      clientSecret !== undefined
        ? { clientSecret }
        : assertion !== undefined
          ? { clientAssertion: ({ tokenEndpoint = '' }) => assertion(tokenEndpoint) }
          : undefined;
    const configuration = {
      // With the port, without which MSAL asks the public cloud who the authority is.
      auth: {
        clientId: options.clientId,
        authority,
        knownAuthorities: [new URL(authority).host],
        ...credential,
      },
      system: {
        networkClient: networkOver(transport),
        protocolMode: isOidc ? msal.ProtocolMode.OIDC : msal.ProtocolMode.AAD,
      },
    };
    const application =
      credential === undefined
        ? new msal.PublicClientApplication(configuration)
        : new msal.ConfidentialClientApplication(configuration);
    if (cache !== undefined) application.getTokenCache().deserialize(cache);
    return new Msal(application, transport, authority);
  }

  /** What the next call needs to know. */
  get cache(): string {
    return this.#application.getTokenCache().serialize();
  }

  /** The address of the sign-in page. */
  browserUrl({ scopes, claims, loginHint, challenge, ...wish }: BrowserWish): Promise<string> {
    const request = {
      ...wish,
      ...(claims && { claims }),
      // Otherwise whoever is signed in to the browser would be signed in, and nobody asked.
      ...(loginHint ? { loginHint } : { prompt: 'select_account' }),
      scopes: [...scopes],
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
    };
    return this.#run(async () =>
      this.#transport.checkAddress(await this.#application.getAuthCodeUrl(request)),
    );
  }

  /** Answers the person's home account id. */
  redeemCode({ scopes, claims, verifier, ...wish }: CodeWish): Promise<string | undefined> {
    const request = { ...wish, ...(claims && { claims }), scopes: [...scopes], codeVerifier: verifier };
    return this.#run(async () => homeId(await this.#application.acquireTokenByCode(request)));
  }

  /** The transport hands out the code and waits for the person. */
  deviceCode({ scopes, claims }: Wish): Promise<string | undefined> {
    const application = this.#application;
    if (!('acquireTokenByDeviceCode' in application))
      throw new TypeError('device codes are for public clients');
    const request = { scopes: [...scopes], ...(claims && { claims }), deviceCodeCallback: () => undefined };
    return this.#run(async () => homeId(await application.acquireTokenByDeviceCode(request)));
  }

  /** A fresh token by the refresh token in the cache; never one that is there already, see partition.ts. */
  silent({ scopes, claims }: Wish, account: Account): Promise<string | undefined> {
    const request = {
      scopes: [...scopes],
      ...(claims && { claims }),
      forceRefresh: true,
      account: {
        homeAccountId: account.id,
        localAccountId: account.objectId,
        tenantId: account.tenantId,
        username: account.userName ?? '',
        environment: new URL(this.#authority).host,
      },
    };
    return this.#run(async () => homeId(await this.#application.acquireTokenSilent(request)));
  }

  /** Redeems a refresh token, past the cache of any session. */
  async redeem({ scopes }: Wish, refreshToken: string): Promise<void> {
    await this.#run(() =>
      this.#application.acquireTokenByRefreshToken({ scopes: [...scopes], refreshToken }),
    );
  }

  async asApplication({ scopes, claims }: Wish): Promise<void> {
    const application = this.#application;
    if (!('acquireTokenByClientCredential' in application)) throw new TypeError('a credential is needed');
    const request = {
      scopes: [...scopes],
      ...(claims && { claims }),
      skipCache: true,
      // Otherwise an environment variable could send the secret to a regional host.
      azureRegion: 'DisableMsalForceRegion',
    };
    await this.#run(() => application.acquireTokenByClientCredential(request));
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#transport.failure !== undefined) throw this.#transport.failure.reason;
      throw IdentityError.is(error) ? error : translate(error);
    }
  }
}

function homeId(result: AuthenticationResult | null): string | undefined {
  return result?.account?.homeAccountId;
}

function networkOver(transport: Transport) {
  const answerOf = <T>({ status, headers, json }: Awaited<ReturnType<Transport['get']>>) => ({
    status,
    headers: { ...headers },
    body: json as T,
  });
  return {
    sendGetRequestAsync: async <T>(url: string) => answerOf<T>(await transport.get(url)),
    sendPostRequestAsync: async <T>(
      url: string,
      { body = '', headers }: { body?: string; headers?: Record<string, string> } = {},
    ) => answerOf<T>(await transport.post(url, body, headers)),
  };
}

/** MSAL's error codes; its messages, and what it carries along, stay behind. */
function translate(error: unknown): unknown {
  const code =
    typeof error === 'object' && error !== null && 'errorCode' in error ? String(error.errorCode) : '';
  switch (code) {
    case 'no_tokens_found':
    case 'no_account_found':
    case 'no_account_in_silent_request':
      return new IdentityError('sign-in-required', 'nobody is signed in', { next: 'sign in again' });
    case 'refresh_token_expired':
      return new IdentityError('grant-expired', 'the sign-in has expired', { next: 'sign in again' });
    case 'nonce_mismatch':
    case 'issuer_validation_failed':
      return new IdentityError(
        'untrusted-answer',
        'the answer does not belong to this sign-in or environment',
        {
          next: 'check the environment, and whether somebody is in between',
        },
      );
    case '':
      return error;
    default:
      return new IdentityError(
        'bad-answer',
        `the answers of the service make no sense${/^[a-z_]{1,60}$/.test(code) ? ` (${code})` : ''}`,
        {
          next: 'check the environment and the tenant',
        },
      );
  }
}
