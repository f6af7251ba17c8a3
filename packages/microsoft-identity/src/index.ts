export { checkClientId, RESERVED_CLIENT_IDS } from './application.ts';
export {
  readCertificate,
  type CertificateFacts,
  type CertificateSource,
  type SigningCertificate,
} from './certificate.ts';
export { decodeClaims } from './claims.ts';
export { environmentsFrom, environmentsFromText } from './environment-definitions.ts';
export {
  defineEnvironment,
  ENVIRONMENTS,
  findEnvironment,
  isHostOf,
  type Environment,
  type EnvironmentDefinition,
} from './environments.ts';
export {
  IDENTITY_ERROR_CODES,
  IdentityError,
  type IdentityErrorCode,
  type IdentityErrorKind,
} from './errors.ts';
export { federatedAssertion, type FederatedOptions, type Variables } from './federated.ts';
export {
  GraphClient,
  REVOKE_PERMISSION,
  type GraphCall,
  type GraphOptions,
  type GraphUser,
} from './graph-client.ts';
export type { Clock } from './http.ts';
export {
  IdentityClient,
  type AcquireRequest,
  type IdentityOptions,
  type Redeemability,
  type SignInRequest,
} from './identity-client.ts';
export {
  clientOf,
  HeldPartition,
  partitionWithin,
  readKept,
  writeKept,
  type KeptServices,
  type KeptSignIn,
  type KeptStore,
} from './kept-sign-in.ts';
export { parseObject, type JsonLimits } from './json.ts';
export {
  managedIdentityFrom,
  type ManagedIdentityName,
  type ManagedIdentitySource,
} from './managed-identity.ts';
export { readPartition, type PartitionFacts, type TokenPartition } from './partition.ts';
export { registrationSteps } from './registration.ts';
export {
  isDelegated,
  remainderOfForgetting,
  remainderOfRevoking,
  type Remainder,
  type SignInFacts,
} from './remainder.ts';
export { signInOf, type CertificateData, type MethodServices, type SignInMethod } from './sign-in-method.ts';
export {
  chooseMethod,
  settingsFromVariables,
  type ChosenMethod,
  type SignInSettings,
  type VariableSettings,
} from './sign-in-settings.ts';
export type { Account, DeviceCode, SignIn, SignInKind, Token } from './sign-in.ts';
export { tenantIdOf, type TenantOptions } from './tenant-id.ts';
