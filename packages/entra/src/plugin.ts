import { defineProvider, type ParameterTable, type RecordField, type Values } from '@slipline/core';
import type { EnvironmentDefinition, Variables } from '@slipline/microsoft-identity';
import { settingsOf } from './entra-options.ts';

/** What an app that composes this provider may set. */
export interface EntraOptions {
  /** The application to sign in with where none is given; `SLIPLINE_CLIENT_ID` when absent. */
  readonly clientId?: string | undefined;
  /** Clouds besides Microsoft's; `basedOn` is a name here. `SLIPLINE_ENTRA_ENVIRONMENTS` (the same as JSON) when absent. */
  readonly environments?: readonly UserEnvironment[] | undefined;
  /** Where `SLIPLINE_CLIENT_ID`, `AZURE_…` and the like are looked up; the process's own when absent. */
  readonly variables?: Variables | undefined;
}

export type UserEnvironment = Omit<EnvironmentDefinition, 'basedOn'> & {
  readonly basedOn?: string | undefined;
};

/** Ways to sign in that stand beside no other. */
const WAYS = [
  'useDeviceCode',
  'clientSecret',
  'certificateFile',
  'certificateThumbprint',
  'identity',
  'federated',
  'federatedTokenFile',
  'accessToken',
  'environmentVariable',
] as const;
const but = (...names: readonly string[]) => WAYS.filter((way) => !names.includes(way));

export const CONNECT = {
  clientId: {
    type: 'string',
    summary: 'the application (client) ID of your own registration; SLIPLINE_CLIENT_ID when absent',
    placeholder: 'GUID',
    aliases: ['AppId', 'ApplicationId'],
  },
  tenantId: {
    type: 'string',
    summary: "the tenant, as GUID or domain; the person's own when absent",
    placeholder: 'TENANT',
    position: 0,
    aliases: ['Tenant', 'Audience'],
  },
  name: {
    type: 'string',
    summary: 'a name of yours for this session, to tell it from others',
    placeholder: 'NAME',
    pattern: String.raw`(?!\d+$)[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}`,
  },
  scopes: {
    type: 'string',
    summary: 'permissions to ask for, such as User.Read.All; all that the registration has when absent',
    placeholder: 'SCOPE',
    many: true,
    excludes: but('useDeviceCode'),
  },
  environment: {
    type: 'string',
    summary:
      'the cloud: Global, USGov, USGovDoD, China, Germany, BleuCloud, DelosCloud, GovSGCloud or one of your own',
    placeholder: 'NAME',
    aliases: ['EnvironmentName', 'NationalCloud'],
  },
  contextScope: {
    type: 'string',
    summary:
      'process: ends with the shell, script or program that connects; current-user: stays for all of this user',
    choices: ['process', 'current-user', 'CurrentUser'],
  },
  useDeviceCode: {
    type: 'boolean',
    summary: 'sign in at another device, with a code',
    aliases: ['UseDeviceAuthentication', 'DeviceCode', 'DeviceAuth', 'Device'],
    excludes: but('useDeviceCode'),
  },
  clientSecret: {
    type: 'secret',
    summary: 'act as the application, with its secret',
    aliases: ['ClientSecretCredential', 'SecretCredential', 'Credential'],
    excludes: but('clientSecret'),
  },
  certificateFile: {
    type: 'string',
    format: 'path',
    summary: 'act as the application, with a PEM or PFX file that has certificate and private key',
    placeholder: 'FILE',
    aliases: ['Certificate'],
    excludes: but('certificateFile'),
  },
  certificatePassword: {
    type: 'secret',
    summary: 'the password of that file',
    requires: ['certificateFile'],
  },
  certificateThumbprint: {
    type: 'string',
    summary: 'act as the application, with a certificate of the Windows store',
    placeholder: 'SHA1',
    excludes: but('certificateThumbprint'),
  },
  sendCertificateChain: {
    type: 'boolean',
    summary: 'send the chain of the certificate, for applications that trust a subject name',
  },
  identity: {
    type: 'boolean',
    summary: 'act as the managed identity of this machine; --client-id names a user-assigned one',
    aliases: ['ManagedIdentity', 'ManagedServiceIdentity', 'MSI'],
    excludes: but('identity'),
  },
  federated: {
    type: 'boolean',
    summary: 'act as the application, with a token of the job (AZURE_FEDERATED_TOKEN_FILE, GitHub)',
    excludes: but('federated', 'federatedTokenFile'),
  },
  federatedTokenFile: {
    type: 'string',
    format: 'path',
    summary: 'act as the application, with the token of another identity system in this file',
    placeholder: 'FILE',
    excludes: but('federated', 'federatedTokenFile'),
  },
  accessToken: {
    type: 'secret',
    summary: 'a token for Microsoft Graph that is there already; it cannot be renewed',
    excludes: [...but('accessToken'), 'clientId', 'tenantId'],
  },
  environmentVariable: {
    type: 'boolean',
    summary: 'act as the application that AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_… describe',
    excludes: [...but('environmentVariable'), 'clientId', 'tenantId'],
  },
  clientTimeout: {
    type: 'integer',
    summary: 'seconds that one request may take; 30 when absent',
    placeholder: 'SECONDS',
    minimum: 1,
    maximum: 3600,
  },
  noWelcome: { type: 'boolean', summary: 'accepted for the sake of scripts: no welcome is printed anyway' },
} as const satisfies ParameterTable;

export const FIND = {
  name: {
    type: 'string',
    summary: 'sessions by number, by the name they were given, or by account',
    placeholder: 'SESSION',
    many: true,
    names: true,
    position: 0,
    aliases: ['account'],
  },
} as const satisfies ParameterTable;

export type ConnectValues = Values<typeof CONNECT>;
export type FindValues = Values<typeof FIND>;

/** As the example of Disconnect-Entra prints it, in its order. */
export const RECORD: readonly RecordField[] = [
  { name: 'ClientId', from: 'details.clientId' },
  { name: 'TenantId', from: 'details.tenantId' },
  { name: 'Scopes', from: 'details.scopes' },
  { name: 'AuthType', from: 'details.authType' },
  { name: 'TokenCredentialType', from: 'details.tokenCredentialType' },
  { name: 'CertificateThumbprint', from: 'details.certificateThumbprint' },
  { name: 'CertificateSubjectName', from: 'details.certificateSubjectName' },
  { name: 'Account', from: 'details.account' },
  { name: 'AppName', from: 'details.appName' },
  { name: 'ContextScope', from: 'details.contextScope' },
  { name: 'Certificate', from: 'details.certificate' },
  { name: 'PSHostVersion', from: 'details.hostVersion' },
  { name: 'ManagedIdentityId', from: 'details.managedIdentityId' },
  { name: 'ClientSecret', from: 'details.clientSecret' },
  { name: 'Environment', from: 'details.environment' },
];

const ANY = ['contextScope', 'environment', 'clientTimeout', 'noWelcome'];

/** Sign-ins to Microsoft Entra. Throws `invalid-request` for options that make no sense. */
export function entra(options: EntraOptions = {}) {
  const settings = settingsOf(options);
  return defineProvider({
    contract: 1,
    id: 'entra',
    title: 'Microsoft Entra',
    impact: 'medium',
    connect: CONNECT,
    find: FIND,
    unnamed: 'default',
    withheld: {
      revoke:
        "only people have sign-ins to revoke: remove the secret, certificate or trust from the application's registration, or forget the session",
    },
    record: RECORD,
    cmdlets: [
      {
        name: 'Connect-Entra',
        verb: 'connect',
        sets: {
          User: ['scopes', 'clientId', 'tenantId', 'useDeviceCode', ...ANY],
          AppCertificate: [
            'clientId',
            'certificateThumbprint',
            'certificateFile',
            'certificatePassword',
            'sendCertificateChain',
            'tenantId',
            ...ANY,
          ],
          Identity: ['identity', 'clientId', ...ANY],
          AppSecretCredential: ['clientSecret', 'clientId', 'tenantId', ...ANY],
          AccessToken: ['accessToken', 'environment', 'clientTimeout', 'noWelcome'],
          EnvironmentVariable: ['environmentVariable', ...ANY],
        },
        mandatory: {
          Identity: ['identity'],
          AppSecretCredential: ['clientSecret'],
          AccessToken: ['accessToken'],
          EnvironmentVariable: ['environmentVariable'],
        },
        confirmImpact: 'none',
      },
      {
        name: 'Get-EntraContext',
        aliases: ['Get-EntraCurrentSessionInfo'],
        verb: 'list',
        confirmImpact: 'none',
      },
      {
        name: 'Disconnect-Entra',
        verb: 'disconnect',
        effect: 'forget',
        confirmImpact: 'none',
        prints: 'record',
      },
    ],
    create: async (host) => {
      const { EntraProvider } = await import('./entra-provider.ts');
      return host.resolve(EntraProvider, settings);
    },
  });
}
