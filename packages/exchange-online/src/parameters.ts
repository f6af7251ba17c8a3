import type { ParameterTable, Values } from '@slipline/core';

/** The provider's id. */
export const PROVIDER = 'exchange-online';

const GUID = '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}';

/** Ways to prove who connects, of which a connect takes one. */
const WAYS = [
  'device',
  'clientSecret',
  'certificateFilePath',
  'certificateThumbprint',
  'managedIdentity',
  'federated',
  'accessToken',
] as const;

const otherWays = (own: (typeof WAYS)[number]): readonly string[] => WAYS.filter((way) => way !== own);

export const CONNECT = {
  connectionUri: {
    type: 'string',
    summary: 'where the service is; that of the environment when absent',
    placeholder: 'URI',
    endpoint: true,
    position: 0,
  },
  azureADAuthorizationEndpointUri: {
    type: 'string',
    summary: 'where to sign in; that of the environment when absent',
    placeholder: 'URI',
    position: 1,
    aliases: ['azureAdAuthorizationEndpoint'],
  },
  kind: {
    type: 'string',
    summary: 'exchange, or ipps for Security & Compliance; exchange when absent',
    choices: ['exchange', 'ipps'],
  },
  exchangeEnvironmentName: {
    type: 'string',
    summary: 'the cloud: O365Default, O365USGovGCCHigh, O365USGovDoD, O365China, or one of your own',
    placeholder: 'NAME',
    aliases: ['environment'],
  },
  clientId: {
    type: 'string',
    summary: 'the application (client) ID of your registration; SLIPLINE_CLIENT_ID when absent',
    placeholder: 'GUID',
    aliases: ['appId', 'applicationId'],
    pattern: GUID,
  },
  userPrincipalName: {
    type: 'string',
    summary: 'who is expected to sign in, or whose the access token is',
    placeholder: 'NAME',
    pattern: String.raw`[^\s@]{1,256}@[^\s@]{1,256}`,
  },
  organization: {
    type: 'string',
    summary: 'the main domain, such as contoso.onmicrosoft.com; needed unless a person signs in',
    placeholder: 'DOMAIN',
  },
  delegatedOrganization: {
    type: 'string',
    summary: 'the domain or tenant ID of a customer whom you administer',
    placeholder: 'DOMAIN',
  },
  device: {
    type: 'boolean',
    summary: 'sign in with a code, in a browser anywhere',
    aliases: ['deviceCode'],
    excludes: otherWays('device'),
  },
  clientSecret: {
    type: 'secret',
    summary: 'the secret of the application',
    requires: ['organization'],
    excludes: otherWays('clientSecret'),
  },
  certificateFilePath: {
    type: 'string',
    summary: 'a PEM or PFX file with the certificate of the application and its key',
    placeholder: 'FILE',
    format: 'path',
    requires: ['organization'],
    excludes: otherWays('certificateFilePath'),
  },
  certificatePassword: {
    type: 'secret',
    summary: 'the password of that file',
    requires: ['certificateFilePath'],
  },
  certificateThumbprint: {
    type: 'string',
    summary: 'a certificate in the store of Windows, by its SHA-1',
    placeholder: 'SHA1',
    pattern: '[0-9A-Fa-f]{40}',
    requires: ['organization'],
    excludes: otherWays('certificateThumbprint'),
  },
  managedIdentity: {
    type: 'boolean',
    summary: 'as the managed identity of this machine',
    requires: ['organization'],
    excludes: otherWays('managedIdentity'),
  },
  managedIdentityAccountId: {
    type: 'string',
    summary: 'the client ID of a managed identity that was assigned by a user',
    placeholder: 'GUID',
    pattern: GUID,
    requires: ['managedIdentity'],
  },
  federated: {
    type: 'boolean',
    summary: 'with the token of this job: AZURE_FEDERATED_TOKEN_FILE, or GitHub',
    requires: ['organization'],
    excludes: otherWays('federated'),
  },
  accessToken: {
    type: 'secret',
    summary: 'an access token that is there already; it cannot be renewed',
    excludes: otherWays('accessToken'),
  },
  prefix: {
    type: 'string',
    summary: 'a name for the connection, of letters and digits, which disconnect takes too',
    placeholder: 'PREFIX',
    pattern: '[A-Za-z0-9]{1,64}',
    aliases: ['modulePrefix'],
  },
  pageSize: {
    type: 'integer',
    summary: 'objects in one answer; 1000 when absent',
    placeholder: 'NUMBER',
    minimum: 1,
    maximum: 1000,
  },
  showBanner: { type: 'boolean', summary: 'taken for the sake of scripts: there is no banner' },
  disableWAM: { type: 'boolean', summary: 'taken for the sake of scripts: the broker is never used' },
} as const satisfies ParameterTable;

export const FIND = {
  connectionId: {
    type: 'string',
    summary: 'connections by ConnectionId, a GUID',
    placeholder: 'GUID',
    many: true,
    names: true,
    position: 0,
    pattern: GUID,
    excludes: ['modulePrefix'],
  },
  modulePrefix: {
    type: 'string',
    summary: 'connections by the prefix they were opened with',
    placeholder: 'PREFIX',
    many: true,
    names: true,
    excludes: ['connectionId'],
  },
} as const satisfies ParameterTable;

export type ConnectValues = Values<typeof CONNECT>;
export type FindValues = Values<typeof FIND>;
