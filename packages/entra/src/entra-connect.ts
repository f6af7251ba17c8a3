import { DisconnectError, type ConnectContext, type Opened } from '@slipline/core';
import {
  checkClientId,
  chooseMethod,
  decodeClaims,
  environmentsFrom,
  environmentsFromText,
  findEnvironment,
  HeldPartition,
  isDelegated,
  registrationSteps,
  settingsFromVariables,
  tenantIdOf,
  type ChosenMethod,
  type Environment,
  type KeptServices,
  type KeptSignIn,
  type SignInSettings,
  type Token,
} from '@slipline/microsoft-identity';
import { defaultScope, EntraClient } from './entra-client.ts';
import type { EntraSettings } from './entra-options.ts';
import { openedFrom, type Circumstances } from './entra-session.ts';
import type { ConnectValues } from './plugin.ts';

/** Signs in, as a person or as an application. Nothing is sent before everything given has been checked. */
export async function signIn(
  values: ConnectValues,
  settings: EntraSettings,
  services: Omit<KeptServices, 'requestTimeout'>,
  context: ConnectContext,
): Promise<Opened> {
  const asked = await circumstancesOf(values, settings, context);
  const { scopes, requestTimeout } = asked;
  const kept = await withTenantId(asked.kept, { ...services, requestTimeout }, context.signal);
  const partition = new HeldPartition();
  const client = new EntraClient(kept, partition, scopes, { ...services, requestTimeout });
  const token = await ask(client, scopes, isDelegated(kept.method.kind), context);
  const opened = openedFrom(token, partition.text, { ...asked, kept, appName: appNameIn(token) });
  await context.keep(opened);
  return opened;
}

/** With the tenant's id in place of its domain, so that only a token of just this tenant will do. */
async function withTenantId(
  kept: KeptSignIn,
  services: KeptServices,
  signal: AbortSignal,
): Promise<KeptSignIn> {
  const { environment, tenant, method } = kept;
  if (tenant === undefined || method.kind === 'managed-identity') return kept;
  return { ...kept, tenant: await tenantIdOf(tenant, { ...services, environment, signal }) };
}

async function circumstancesOf(
  values: ConnectValues,
  settings: EntraSettings,
  context: ConnectContext,
): Promise<Circumstances> {
  const { name, environment: environmentName = 'Global', contextScope, clientTimeout } = values;
  if (name !== undefined) await checkName(name, context);
  const environment = findEnvironment(environmentName, ownEnvironments(settings));
  const isFromVariables = values.environmentVariable === true;
  const application = isFromVariables ? settingsFromVariables(settings.variables) : undefined;
  const { method, certificate } = await chooseMethod(application?.settings ?? settingsFrom(values));
  const kept = {
    environment,
    clientId: clientIdFor(method, application?.clientId ?? values.clientId, settings),
    tenant: application?.tenant ?? values.tenantId,
    method,
  };
  return {
    kept,
    scopes: scopesFor(values.scopes, environment) ?? [defaultScope(kept)],
    certificate,
    name,
    contextScope: contextScope === 'process' ? 'Process' : 'CurrentUser',
    isFromVariables,
    tenantName: kept.tenant,
    requestTimeout: clientTimeout === undefined ? undefined : clientTimeout * 1000,
    appName: undefined,
  };
}

/** A person is asked while the deadline stands still; an application needs nobody. */
function ask(
  { identity }: EntraClient,
  scopes: readonly string[],
  asksPerson: boolean,
  context: ConnectContext,
): Promise<Token> {
  const { signal } = context;
  if (!asksPerson) return identity.signIn({ scopes, signal });
  return context.whilePersonActs(() =>
    identity.signIn({
      scopes,
      signal,
      openBrowser: (url) =>
        context.show({ text: 'sign in to Microsoft Entra in your browser', url, opens: true }),
      onDeviceCode: ({ userCode: code, verificationUri: url }) =>
        context.show({
          text: 'sign in to Microsoft Entra at this page, on any device, with this code',
          url,
          code,
        }),
    }),
  );
}

function settingsFrom(values: ConnectValues): SignInSettings {
  const { clientSecret, certificatePassword, accessToken, identity, clientId } = values;
  return {
    deviceCode: values.useDeviceCode,
    clientSecret: clientSecret?.reveal(),
    certificateFile: values.certificateFile,
    certificatePassword: certificatePassword?.reveal(),
    certificateThumbprint: values.certificateThumbprint,
    sendsChain: values.sendCertificateChain,
    managedIdentity: identity === true ? { clientId } : undefined,
    federated: values.federated,
    federatedTokenFile: values.federatedTokenFile,
    accessToken: accessToken?.reveal(),
  };
}

/** Neither a machine's identity nor a given token is an application of ours. */
function clientIdFor(
  { kind }: ChosenMethod['method'],
  given: string | undefined,
  { clientId, variables }: EntraSettings,
): string | undefined {
  if (kind === 'managed-identity' || kind === 'access-token') return undefined;
  const found = given ?? clientId ?? variables['SLIPLINE_CLIENT_ID'];
  if (found !== undefined && found !== '') return checkClientId(found);
  const steps = registrationSteps({
    delegated: ['User.Read', 'User.RevokeSessions.All (to revoke)'],
    application: ['User.Read.All'],
  });
  throw new DisconnectError('invalid-request', 'no application (client) ID is given', {
    next: `register an application of your own, once: ${steps} with --client-id, or in SLIPLINE_CLIENT_ID`,
  });
}

/** Names at Graph are made whole; what belongs to another resource is refused. */
function scopesFor(
  scopes: readonly string[] | undefined,
  { graph }: Environment,
): readonly string[] | undefined {
  return scopes?.map((scope) => {
    if (!scope.includes('://')) return `${graph}/${scope}`;
    if (scope.startsWith(`${graph}/`)) return scope;
    throw new DisconnectError('invalid-request', 'a scope is of another resource than Microsoft Graph', {
      next: `give names such as User.Read.All, or ${graph}/User.Read.All`,
    });
  });
}

function ownEnvironments({ environments, variables }: EntraSettings): readonly Environment[] {
  const { SLIPLINE_ENTRA_ENVIRONMENTS: text } = variables;
  if (environments !== undefined) return environmentsFrom(environments);
  return text === undefined || text === '' ? [] : environmentsFromText(text);
}

async function checkName(name: string, context: ConnectContext): Promise<void> {
  const taken = (await context.own()).some(
    ({ details }) =>
      typeof details['name'] === 'string' && details['name'].toLowerCase() === name.toLowerCase(),
  );
  if (!taken) return;
  throw new DisconnectError('invalid-request', `there is a session called "${name}" already`, {
    next: `choose another name, or: slipline disconnect entra --name "${name}"`,
  });
}

/** What the application is called, where the token says so. */
function appNameIn({ accessToken }: Token): string | undefined {
  const name = decodeClaims(accessToken)?.['app_displayname'];
  return typeof name === 'string' && name !== '' && name.length <= 256 ? name : undefined;
}
