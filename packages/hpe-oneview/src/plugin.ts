import { defineProvider, parseParameters, type ParameterTable, type Values } from '@slipline/core';

/** What an app that composes this provider may set. */
export interface HpeOneViewOptions {
  /** Sessions an appliance allows in all, and for one client address, where an administrator has raised them; 2400 and
   *  960 when absent. Only what is free is computed from them. */
  readonly applianceLimit?: number | undefined;
  readonly clientLimit?: number | undefined;
  /** Milliseconds that one appliance may take to answer when sessions are listed live; 8,000 when absent. */
  readonly liveTimeout?: number | undefined;
}

const OPTIONS = {
  applianceLimit: { type: 'integer', minimum: 1, summary: 'sessions an appliance allows in all' },
  clientLimit: {
    type: 'integer',
    minimum: 1,
    summary: 'sessions an appliance allows for one client address',
  },
  liveTimeout: { type: 'integer', minimum: 1, summary: 'milliseconds an appliance may take to be listed' },
} as const satisfies ParameterTable;

/** `ov1.example`, `ov1.example:8443`, `192.0.2.7`, `[2001:db8::7]:443`; no URL, since a connection is named by this text. */
const HOST = String.raw`(?:[^\s/\\?#@:%\[\]<>^|"'{}]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?`;

export const CONNECT = {
  appliance: {
    type: 'string',
    summary: 'the appliance: HOST or HOST:PORT, an IPv6 address in brackets',
    placeholder: 'HOST',
    endpoint: true,
    required: true,
    position: 0,
    aliases: ['Hostname', 'ComputerName'],
    pattern: HOST,
  },
  userName: {
    type: 'string',
    summary: 'who logs in; DOMAIN\\user and user@domain choose that directory of the appliance',
    placeholder: 'NAME',
    credential: 'userName',
    aliases: ['u', 'user'],
  },
  password: {
    type: 'secret',
    summary: 'the password',
    credential: 'password',
    aliases: ['p'],
  },
  authLoginDomain: {
    type: 'string',
    summary: 'the directory to log in to; the default one of the appliance when absent',
    placeholder: 'DIRECTORY',
    aliases: ['authProvider'],
  },
  loginAcknowledge: {
    type: 'boolean',
    summary: 'accept the login message of the appliance',
  },
  sessionId: {
    type: 'secret',
    summary: 'the id of a session that another program opened, to adopt it instead of logging in',
    excludes: ['userName', 'password', 'authLoginDomain', 'loginAcknowledge', 'idleTimeout'],
  },
  idleTimeout: {
    type: 'integer',
    summary: 'minutes without use after which the appliance ends the session; 24 hours when absent',
    placeholder: 'MINUTES',
    minimum: 1,
    maximum: 1440,
  },
  apiVersion: {
    type: 'integer',
    summary: 'X-API-Version to speak, such as 800 (4.10), 1000 (4.20), 1200 (5.00); the best one when absent',
    placeholder: 'NUMBER',
    minimum: 1,
    maximum: 1_000_000,
  },
} as const satisfies ParameterTable;

export const FIND = {
  appliance: {
    type: 'string',
    summary: 'connections by number or by name; name:TEXT where a name looks like a number',
    placeholder: 'CONNECTION',
    many: true,
    names: true,
    position: 0,
    aliases: ['ApplianceConnection', 'ApplianceSession', 'Hostname'],
  },
  others: {
    type: 'boolean',
    summary: "list other people's sessions too, asked with an own session of an administrator",
    listing: true,
  },
} as const satisfies ParameterTable;

export type ConnectValues = Values<typeof CONNECT>;
export type FindValues = Values<typeof FIND>;

/** Sessions on HPE OneView appliances. Throws `invalid-request` for options that make no sense. */
export function hpeOneView(options: HpeOneViewOptions = {}) {
  const settings = parseParameters(OPTIONS, { ...options });
  return defineProvider({
    contract: 1,
    id: 'hpe-oneview',
    title: 'HPE OneView',
    impact: 'medium',
    connect: CONNECT,
    find: FIND,
    unnamed: 'default',
    // Per session less at most; see `idleTimeout`.
    idleLimit: 86_400_000,
    cmdlets: [
      {
        name: 'Connect-HPOVMgmt',
        aliases: ['Connect-OVMgmt'],
        verb: 'connect',
        sets: {
          UsernamePassword: ['appliance', 'userName', 'password', 'authLoginDomain', 'loginAcknowledge'],
        },
        confirmImpact: 'none',
        prints: 'record',
      },
      {
        name: 'Disconnect-HPOVMgmt',
        aliases: ['Disconnect-OVMgmt'],
        verb: 'disconnect',
        sets: { Default: ['appliance'] },
        confirmImpact: 'none',
      },
    ],
    record: [
      { name: 'ConnectionID', from: 'id' },
      { name: 'Name', from: 'endpoint' },
      { name: 'UserName', from: 'details.userName' },
      { name: 'AuthLoginDomain', from: 'details.authLoginDomain' },
      { name: 'Default', from: 'isDefault' },
    ],
    create: async (host) => {
      const { OneViewProvider } = await import('./hpe-oneview-provider.ts');
      return host.resolve(OneViewProvider, settings);
    },
  });
}
