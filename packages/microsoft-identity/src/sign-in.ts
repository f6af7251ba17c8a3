import type { CertificateSource } from './certificate.ts';
import type { ManagedIdentitySource } from './managed-identity.ts';

/** How tokens are got, and what the application proves itself with. There is no sign-in by user name and password. */
export type SignIn =
  /** A person signs in in a browser on this computer. */
  | {
      readonly kind: 'interactive';
      /** For applications registered as "Web". */ readonly clientSecret?: string | undefined;
    }
  /** A person signs in in a browser anywhere and types a code there. */
  | { readonly kind: 'device-code' }
  | { readonly kind: 'client-secret'; readonly clientSecret: string }
  | {
      readonly kind: 'certificate';
      readonly certificate: CertificateSource;
      /** Sends the whole chain, for applications that trust a subject name. */
      readonly sendsChain?: boolean | undefined;
    }
  /** Gives a fresh assertion of another identity system each time it is called. */
  | { readonly kind: 'federated'; readonly assertion: (signal: AbortSignal) => Promise<string> }
  | { readonly kind: 'managed-identity'; readonly source: ManagedIdentitySource }
  /** A token that is there already; it cannot be renewed. */
  | { readonly kind: 'access-token'; readonly accessToken: string };

export type SignInKind = SignIn['kind'];

/** A person, as the identity system names them. Texts are the server's: clean them before showing them. */
export interface Account {
  /** Unique over all tenants. */
  readonly id: string;
  readonly objectId: string;
  /** The tenant that was signed in to; a guest's own is another. */
  readonly tenantId: string;
  readonly userName?: string | undefined;
  readonly name?: string | undefined;
}

/** What a person needs to complete a sign-in elsewhere. */
export interface DeviceCode {
  readonly userCode: string;
  /** https. */
  readonly verificationUri: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** An access token, checked to be of the tenant and account that were asked for. */
export interface Token {
  readonly accessToken: string;
  /** Milliseconds since 1970, by this computer's clock; `undefined` only for a given token that does not say. */
  readonly expiresAt: number | undefined;
  /** What was granted: delegated permissions, or roles of the application. */
  readonly scopes: readonly string[];
  /** `undefined` only where an environment of one's own issues tokens that do not say. */
  readonly tenantId: string | undefined;
  /** `undefined` for an application that acts as itself. */
  readonly account: Account | undefined;
  readonly kind: SignInKind;
}
