import { randomUUID } from 'node:crypto';
import {
  plainText,
  Secret,
  type Clock,
  type ConnectContext,
  type JsonObject,
  type Opened,
} from '@slipline/core';
import {
  clientOf,
  decodeClaims,
  environmentsFrom,
  environmentsFromText,
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
import { requestOf, type ConnectionRequest, type Defaults } from './connection-request.ts';
import { ping } from './exchange-online-connection.ts';
import { senselessToken, unopened } from './identity-errors.ts';
import { PROVIDER, type ConnectValues } from './parameters.ts';
import type { ExchangeOnlineSettings } from './plugin.ts';

/**
 * Signs in and asks the service once. What the directory issued is kept before anything else is sent; where nothing was kept, nothing
 * was opened.
 */
export async function connect(
  values: ConnectValues,
  settings: ExchangeOnlineSettings,
  services: KeptServices & { readonly clock: Clock },
  context: ConnectContext,
): Promise<Opened> {
  const { signal } = context;
  try {
    const request = await requestOf(values, defaultsOf(settings));
    const opened = await signIn(request, services, context);
    await context.keep(opened);
    await ping({ ...opened, provider: PROVIDER }, context, services);
    return opened;
  } catch (error) {
    throw unopened(signal.aborted ? signal.reason : error);
  }
}

async function signIn(
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

function defaultsOf({ clientId, environments, variables }: ExchangeOnlineSettings): Defaults {
  const text = variables['SLIPLINE_ENTRA_ENVIRONMENTS'] ?? '';
  const own = text === '' ? [] : environmentsFromText(text);
  return {
    clientId: clientId ?? (variables['SLIPLINE_CLIENT_ID'] || undefined),
    environments: environments === undefined ? own : environmentsFrom(environments),
  };
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
  const { userName, appId } = ownerOf(token, kept, values);
  const who = userName === '' ? `application ${appId ?? tenantId}` : userName;
  const where = values.delegatedOrganization ?? values.organization ?? userName.split('@')[1] ?? tenantId;
  const expiry = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
  const connectionId = randomUUID();
  return {
    endpoint: new URL(origin).host,
    id: connectionId,
    kind: 'connection',
    label: `${who} on ${NAMES[kind]} (${where})`,
    principal: who,
    ownership: 'opened',
    effects: isDelegated(kept.method.kind) ? ['forget', 'revoke'] : ['forget'],
    // Anything else can be renewed for as long as the directory likes.
    ...(kept.method.kind === 'access-token' && expiry !== null && { expiresAt: expiry }),
    details: {
      connectionId,
      id: number,
      name: `${kind === 'ipps' ? 'ExchangeOnlineProtection' : 'ExchangeOnline'}_${number}`,
      userPrincipalName: userName,
      connectionUri: origin,
      azureAdAuthorizationEndpointUri: `${environment.login}/${kept.tenant ?? 'organizations'}`,
      tokenExpiryTimeUTC: expiry,
      certificateAuthentication: kept.method.kind === 'certificate',
      appId: appId ?? null,
      tenantID: tenantId,
      isEopSession: kind === 'ipps',
      signIn: kept.method.kind,
      environment: environment.name,
      ...wishesIn(values),
    },
    secret,
  };
}

/** What was asked for, as Get-ConnectionInformation repeats it. */
function wishesIn({
  prefix,
  organization,
  delegatedOrganization,
  pageSize = 1000,
}: ConnectValues): JsonObject {
  return {
    // There is no module that would have to be made and cleared.
    moduleName: null,
    modulePrefix: prefix ?? null,
    organization: organization ?? null,
    delegatedOrganization: delegatedOrganization ?? null,
    pageSize,
  };
}

interface Owner {
  /** Empty for an application. */
  readonly userName: string;
  readonly appId: string | undefined;
}

/** Whose the token is. What was signed in for says so; a machine's identity and a given token say it themselves. */
function ownerOf({ account, accessToken }: Token, { clientId }: KeptSignIn, values: ConnectValues): Owner {
  const claims = decodeClaims(accessToken) ?? {};
  const said = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'string' && value !== '' ? plainText(value, 256) : undefined;
  };
  const isPerson = account !== undefined || said('scp') !== undefined;
  const known = account?.userName ?? said('upn') ?? said('unique_name') ?? values.userPrincipalName;
  const userName = isPerson ? (known ?? account?.objectId ?? said('oid') ?? '') : '';
  return { userName: plainText(userName, 256), appId: clientId ?? said('appid') };
}
