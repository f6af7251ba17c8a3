import { randomUUID } from 'node:crypto';
import { plainText, Secret, type ConnectContext, type JsonObject, type Opened } from '@slipline/core';
import {
  clientOf,
  HeldPartition,
  isDelegated,
  tenantIdOf,
  writeKept,
  type KeptServices,
  type KeptSignIn,
  type SignInRequest,
  type Token,
} from '@slipline/microsoft-identity';
import { NAMES, scopeOf } from './connection-place.ts';
import type { ConnectionRequest } from './connection-request.ts';
import { senselessToken } from './identity-errors.ts';

/** Signs in. What the directory issued is a connection, to be kept before anything else is sent. */
export async function signIn(
  request: ConnectionRequest,
  services: KeptServices,
  context: ConnectContext,
): Promise<Opened & { readonly id: string }> {
  const { kind, place } = request;
  const partition = new HeldPartition();
  const kept = await ofTenant(request.signIn, services, context);
  const client = clientOf(kept, partition, services);
  const scopes = [scopeOf(place.environment, kind)];
  const { signal } = context;
  const asking = { scopes, signal, loginHint: request.values.userPrincipalName, ...noticesOf(context) };
  const token = await (isDelegated(kept.method.kind)
    ? context.whilePersonActs(() => client.signIn(asking))
    : client.signIn(asking));
  const secret = new Secret(writeKept({ ...kept, partition: partition.text }));
  return connection(request, token, secret, context.number);
}

/** The same with the tenant's id, so that only a token of just this tenant will do. */
async function ofTenant(
  kept: KeptSignIn,
  services: KeptServices,
  { signal }: ConnectContext,
): Promise<KeptSignIn> {
  const { environment, tenant, method } = kept;
  if (tenant === undefined || method.kind === 'managed-identity') return kept;
  return { ...kept, tenant: await tenantIdOf(tenant, { ...services, environment, signal }) };
}

/** What a person has to do, in a browser here or anywhere. */
function noticesOf(context: ConnectContext): Pick<SignInRequest, 'openBrowser' | 'onDeviceCode'> {
  return {
    openBrowser: (url) => context.show({ text: 'Sign in with your browser.', url, opens: true }),
    onDeviceCode: ({ userCode, verificationUri }) =>
      context.show({
        text: `To sign in, open ${verificationUri} in a browser and type the code ${userCode}.`,
        url: verificationUri,
        code: userCode,
      }),
  };
}

function connection(
  { kind, place, signIn: kept, values }: ConnectionRequest,
  token: Token,
  secret: Secret,
  number: number,
): Opened & { readonly id: string } {
  const { environment, origin } = place;
  const { tenantId, expiresAt } = token;
  if (tenantId === undefined) throw senselessToken();
  const userName = userNameOf(token, values.userPrincipalName);
  const isCompliance = kind === 'ipps';
  const connectionId = randomUUID();
  const { delegatedOrganization, organization, prefix, pageSize = 1000 } = values;
  const where = delegatedOrganization ?? organization ?? userName.split('@')[1] ?? tenantId;
  const who = userName === '' ? `application ${kept.clientId ?? 'by managed identity'}` : userName;
  const expiry = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
  const details: JsonObject = {
    connectionId,
    id: number,
    name: `${isCompliance ? 'ExchangeOnlineProtection' : 'ExchangeOnline'}_${number}`,
    userPrincipalName: userName,
    connectionUri: origin,
    azureAdAuthorizationEndpointUri: `${environment.login}/${kept.tenant ?? 'organizations'}`,
    tokenExpiryTimeUTC: expiry,
    certificateAuthentication: kept.method.kind === 'certificate',
    // There is no module that would have to be made and cleared.
    moduleName: null,
    modulePrefix: prefix ?? null,
    organization: organization ?? null,
    delegatedOrganization: delegatedOrganization ?? null,
    appId: kept.clientId ?? null,
    pageSize,
    tenantID: tenantId,
    isEopSession: isCompliance,
    signIn: kept.method.kind,
    environment: environment.name,
  };
  return {
    endpoint: new URL(origin).host,
    id: connectionId,
    kind: 'connection',
    label: `${who} on ${NAMES[kind]} (${where})`,
    ...(userName !== '' && { principal: userName }),
    ownership: 'opened',
    effects: isDelegated(kept.method.kind) ? ['forget', 'revoke'] : ['forget'],
    // Anything else can be renewed for as long as the directory likes.
    ...(kept.method.kind === 'access-token' && expiry !== null && { expiresAt: expiry }),
    details,
    secret,
  };
}

/** Empty for an application. */
function userNameOf({ account }: Token, expected: string | undefined): string {
  return plainText(account?.userName ?? (account === undefined ? '' : (expected ?? account.objectId)), 256);
}
