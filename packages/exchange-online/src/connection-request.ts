import { DisconnectError } from '@slipline/core';
import {
  chooseMethod,
  decodeClaims,
  type ChosenMethod,
  type Environment,
  type KeptSignIn,
} from '@slipline/microsoft-identity';
import { placeOf, type Place, type Service } from './connection-place.ts';
import type { ConnectValues } from './parameters.ts';

/** What is to be opened, checked as far as that can be done before anything is sent. */
export interface ConnectionRequest {
  readonly kind: Service;
  readonly place: Place;
  readonly signIn: KeptSignIn;
  readonly values: ConnectValues;
}

export interface Defaults {
  readonly clientId: string | undefined;
  readonly environments: readonly Environment[];
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The cmdlets of Exchange's own module; a prefix must leave them alone. */
const RESERVED_PREFIX = 'exo';

/** Checks what Connect-ExchangeOnline checks. Reads the certificate's file. */
export async function requestOf(
  values: ConnectValues,
  { clientId, environments }: Defaults,
): Promise<ConnectionRequest> {
  const { kind = 'exchange', organization, delegatedOrganization } = values;
  checkPrefix(values);
  checkOrganization(values);
  checkAccessToken(values);
  const place = placeOf(values, environments);
  const { method } = await methodOf(values);
  return {
    kind,
    place,
    values,
    signIn: {
      environment: place.environment,
      clientId:
        values.clientId ??
        (method.kind === 'access-token' || method.kind === 'managed-identity' ? undefined : clientId),
      tenant: delegatedOrganization ?? organization ?? place.tenant,
      method,
    },
  };
}

function methodOf(values: ConnectValues): Promise<ChosenMethod> {
  const { device, managedIdentity, managedIdentityAccountId, federated } = values;
  return chooseMethod({
    deviceCode: device,
    clientSecret: values.clientSecret?.reveal(),
    certificateFile: values.certificateFilePath,
    certificatePassword: values.certificatePassword?.reveal(),
    certificateThumbprint: values.certificateThumbprint,
    managedIdentity: managedIdentity === true ? { clientId: managedIdentityAccountId } : undefined,
    federated,
    accessToken: values.accessToken?.reveal(),
  });
}

function checkPrefix({ prefix }: ConnectValues): void {
  if (prefix?.toLowerCase() === RESERVED_PREFIX)
    throw invalid('the prefix EXO is reserved for the cmdlets of Exchange itself', 'choose another prefix');
}

/** An application belongs to an organization by name; a GUID is not taken, as by the cmdlet. */
function checkOrganization(values: ConnectValues): void {
  if (values.organization === undefined || !GUID.test(values.organization)) return;
  throw invalid(
    'the organization is to be named by its domain, not by a GUID',
    'give its main domain, such as contoso.onmicrosoft.com',
  );
}

function checkAccessToken({
  accessToken,
  organization,
  delegatedOrganization,
  userPrincipalName,
}: ConnectValues): void {
  if (accessToken === undefined) return;
  if (decodeClaims(accessToken.reveal()) === undefined) {
    throw invalid('the access token is no JWT', 'give the token alone, without "Bearer" and without quotes');
  }
  if (organization ?? delegatedOrganization ?? userPrincipalName) return;
  throw invalid(
    'an access token needs to be said whose it is',
    'give --organization, --delegated-organization or --user-principal-name',
  );
}

function invalid(what: string, next: string): DisconnectError {
  return new DisconnectError('invalid-request', what, { next });
}
