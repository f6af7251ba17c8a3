import type { CertificateSource } from './certificate.ts';
import { IdentityError } from './errors.ts';
import { federatedAssertion, fileAssertion, type FederatedOptions, type Variables } from './federated.ts';
import { managedIdentityFrom, type ManagedIdentityName } from './managed-identity.ts';
import type { SignIn } from './sign-in.ts';

/** A certificate with its key: the text of a PEM file, a PFX file as base64, or the Windows store. */
export type CertificateData =
  | { readonly pem: string; readonly password?: string | undefined }
  | { readonly pfx: string; readonly password?: string | undefined }
  | { readonly thumbprint: string };

/**
 * How a session signs in, as plain data with its secrets, so that a later process can go on with it. What belongs to a machine
 * or job (federated tokens, managed identities) is looked up where and when it is needed.
 */
export type SignInMethod =
  | { readonly kind: 'interactive'; readonly clientSecret?: string | undefined }
  | { readonly kind: 'device-code' }
  | { readonly kind: 'client-secret'; readonly clientSecret: string }
  | {
      readonly kind: 'certificate';
      readonly certificate: CertificateData;
      readonly sendsChain?: boolean | undefined;
    }
  /** From this file, or from where the process's variables say. */
  | { readonly kind: 'federated'; readonly tokenFile?: string | undefined }
  | { readonly kind: 'managed-identity'; readonly name: ManagedIdentityName }
  | { readonly kind: 'access-token'; readonly accessToken: string };

export interface MethodServices extends FederatedOptions {
  /** Of this process: `process.env`. */
  readonly variables: Variables;
}

/** The same, ready to be used by this process. Throws `invalid-settings` where its variables lack what the method needs. */
export function signInOf(method: SignInMethod, { variables, ...options }: MethodServices): SignIn {
  switch (method.kind) {
    case 'certificate':
      return { ...method, certificate: sourceOf(method.certificate) };
    case 'federated': {
      const { tokenFile } = method;
      const assertion =
        tokenFile === undefined ? federatedAssertion(variables, options) : fileAssertion(tokenFile);
      if (assertion === undefined) throw noWorkload();
      return { kind: 'federated', assertion };
    }
    case 'managed-identity':
      return { kind: 'managed-identity', source: managedIdentityFrom(variables, method.name) };
    default:
      return method;
  }
}

export function sourceOf(data: CertificateData): CertificateSource {
  if ('thumbprint' in data) return data;
  const { password } = data;
  return { content: 'pem' in data ? data.pem : Buffer.from(data.pfx, 'base64'), password };
}

function noWorkload(): IdentityError {
  return new IdentityError('invalid-settings', 'no federated token is offered to this process', {
    next: 'set AZURE_FEDERATED_TOKEN_FILE, or in a GitHub job the permission "id-token: write"',
  });
}
