import { Secret, type CallContext, type JsonObject, type Opened, type Session } from '@slipline/core';
import {
  isDelegated,
  readKept,
  readPartition,
  writeKept,
  type Account,
  type CertificateFacts,
  type KeptSignIn,
  type KeptStore,
  type SignInKind,
  type SignInMethod,
  type Token,
} from '@slipline/microsoft-identity';

/** What is known of a sign-in besides its tokens. */
export interface Circumstances {
  readonly kept: KeptSignIn;
  /** Scopes as they are asked for, whole. */
  readonly scopes: readonly string[];
  readonly certificate: CertificateFacts | undefined;
  readonly name: string | undefined;
  /** As somebody wrote it. */
  readonly tenantName: string | undefined;
  readonly contextScope: 'Process' | 'CurrentUser';
  /** Said to be that of the environment variables. */
  readonly isFromVariables: boolean;
  /** Milliseconds for one request. */
  readonly requestTimeout: number | undefined;
  readonly appName: string | undefined;
}

const AUTH_TYPES: Readonly<Record<SignInKind, string>> = {
  interactive: 'Delegated',
  'device-code': 'Delegated',
  'client-secret': 'AppOnly',
  certificate: 'AppOnly',
  federated: 'AppOnly',
  'managed-identity': 'ManagedIdentity',
  'access-token': 'UserProvidedAccessToken',
};

const CREDENTIAL_TYPES: Readonly<Record<SignInKind, string>> = {
  interactive: 'InteractiveBrowser',
  'device-code': 'DeviceCode',
  'client-secret': 'ClientSecret',
  certificate: 'ClientCertificate',
  federated: 'FederatedToken',
  'managed-identity': 'ManagedIdentity',
  'access-token': 'UserProvidedAccessToken',
};

/** What stands for a secret wherever it could be seen. */
const REDACTED = '[redacted]';

/** The session that a token opened. */
export function openedFrom(token: Token, partition: string | undefined, given: Circumstances): Opened {
  const { kept, name, tenantName } = given;
  const { kind, account, tenantId, expiresAt } = token;
  const endpoint = tenantId ?? new URL(kept.environment.login).host;
  const who = whose(account, kept, kind);
  const place = tenantName ?? domainOf(account) ?? endpoint;
  return {
    endpoint,
    kind: isDelegated(kind) ? 'sign-in' : 'application',
    label: name === undefined ? `${who} in ${place}` : `${name}: ${who} in ${place}`,
    principal: account?.userName ?? kept.clientId,
    // A given token too: only the copy that is kept here can be ended, and nobody else has that.
    ownership: 'opened',
    effects: isDelegated(kind) ? ['forget', 'revoke'] : ['forget'],
    // Any other access is renewed.
    // Of the process that asked for it: what is kept goes with that.
    ...(given.contextScope === 'Process' && { scope: 'process' }),
    ...(kind === 'access-token' && expiresAt !== undefined && { expiresAt: moment(expiresAt) }),
    details: detailsOf(token, given),
    secret: new Secret(writeKept({ ...kept, partition })),
  };
}

/** As the example of Disconnect-Entra has them; `null` where it prints nothing. */
function detailsOf(token: Token, given: Circumstances): JsonObject {
  const { kept, scopes, certificate, name, contextScope, isFromVariables, requestTimeout, appName } = given;
  const { method, environment, clientId } = kept;
  const { kind, account, tenantId } = token;
  return {
    ...(name !== undefined && { name }),
    clientId: clientId ?? null,
    tenantId: tenantId ?? null,
    authType: isFromVariables ? 'EnvironmentVariable' : AUTH_TYPES[kind],
    tokenCredentialType: isFromVariables ? 'EnvironmentVariable' : CREDENTIAL_TYPES[kind],
    certificateThumbprint: certificate?.thumbprint ?? null,
    // The cmdlet has it only where somebody chose the certificate by it.
    certificateSubjectName: null,
    account: account?.userName ?? null,
    appName: appName ?? null,
    contextScope,
    certificate: isFromStore(method) ? null : (certificate?.subject ?? null),
    hostVersion: process.versions.node,
    managedIdentityId: method.kind === 'managed-identity' ? (method.name.clientId ?? null) : null,
    clientSecret: 'clientSecret' in method && method.clientSecret !== undefined ? REDACTED : null,
    environment: environment.name,
    signIn: kind,
    requestedScopes: scopes,
    ...(requestTimeout !== undefined && { requestTimeout }),
    ...accessOf(token.scopes, token.expiresAt),
  };
}

function isFromStore(method: SignInMethod): boolean {
  return method.kind === 'certificate' && 'thumbprint' in method.certificate;
}

/** The facts that change when access is renewed. */
function accessOf(scopes: readonly string[], expiresAt: number | undefined): JsonObject {
  return {
    scopes,
    ...(expiresAt !== undefined && { accessTokenExpiresAt: moment(expiresAt) }),
  };
}

/** What the ledger keeps of a session, read and renewed through the call that uses it. */
export function storeOf(session: Session, context: CallContext): KeptStore {
  return {
    read: async () => (await context.secret(session)).reveal(),
    replace: (change) =>
      context.renew(session, async (current) => {
        const text = await change(current.reveal());
        if (text === undefined) return undefined;
        const { partition = '' } = readKept(text);
        const { scopes, expiresAt } = readPartition(partition);
        return {
          secret: new Secret(text),
          details: { ...session.details, ...accessOf(scopes, expiresAt) },
        };
      }),
  };
}

export function scopesOf({ details }: Session): readonly string[] {
  const { requestedScopes: scopes } = details;
  return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : [];
}

export function timeoutOf({ details: { requestTimeout } }: Session): number | undefined {
  return typeof requestTimeout === 'number' ? requestTimeout : undefined;
}

/** For what remains after a disconnect: no secret is opened for it. */
export function accessFacts({ details }: Session): { kind: SignInKind; expiresAt: number | undefined } {
  const { signIn, accessTokenExpiresAt } = details;
  const end = typeof accessTokenExpiresAt === 'string' ? Date.parse(accessTokenExpiresAt) : NaN;
  return { kind: isKind(signIn) ? signIn : 'access-token', expiresAt: Number.isNaN(end) ? undefined : end };
}

function isKind(value: unknown): value is SignInKind {
  return typeof value === 'string' && Object.hasOwn(AUTH_TYPES, value);
}

function whose(account: Account | undefined, { clientId, method }: KeptSignIn, kind: SignInKind): string {
  if (account !== undefined) return account.userName ?? account.objectId;
  if (method.kind === 'managed-identity')
    return method.name.clientId === undefined ? 'this machine' : `identity ${method.name.clientId}`;
  return kind === 'access-token' ? 'a given token' : `application ${clientId ?? ''}`;
}

function domainOf(account: Account | undefined): string | undefined {
  return /@([^@]+)$/.exec(account?.userName ?? '')?.[1];
}

export function moment(time: number): string {
  return new Date(time).toISOString();
}
