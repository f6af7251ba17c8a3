export { RESERVED_CLIENT_IDS } from './application.ts';
export {
  readCertificate,
  type CertificateFacts,
  type CertificateSource,
  type SigningCertificate,
} from './certificate.ts';
export { decodeClaims } from './claims.ts';
export {
  defineEnvironment,
  ENVIRONMENTS,
  findEnvironment,
  isHostOf,
  type Environment,
  type EnvironmentDefinition,
} from './environments.ts';
export { IDENTITY_ERROR_CODES, IdentityError, type IdentityErrorCode } from './errors.ts';
export { federatedAssertion, type FederatedOptions, type Variables } from './federated.ts';
export type { Clock } from './http.ts';
export {
  IdentityClient,
  type AcquireRequest,
  type IdentityOptions,
  type Redeemability,
  type SignInRequest,
} from './identity-client.ts';
export {
  managedIdentityFrom,
  type ManagedIdentityName,
  type ManagedIdentitySource,
} from './managed-identity.ts';
export { readPartition, type PartitionFacts, type TokenPartition } from './partition.ts';
export type { Account, DeviceCode, SignIn, SignInKind, Token } from './sign-in.ts';
