import { defineProvider, parseParameters, type ParameterTable, type Values } from '@slipline/core';

/** What an app that composes this provider may set. */
export interface WsmanOptions {
  /** Milliseconds that one computer may take to answer when connections are listed live; 8,000 when absent. */
  readonly liveTimeout?: number | undefined;
}

const OPTIONS = {
  liveTimeout: { type: 'integer', minimum: 1, summary: 'milliseconds a computer may take to be listed' },
} as const satisfies ParameterTable;

/** `server01`, `server01.corp.example`, `192.0.2.7`, `2001:db8::7` or `[2001:db8::7]`, `.`; no port, no URL. */
const COMPUTER = String.raw`[^\s/\\?*#@:%\[\]<>^|"'{}\p{C}]{1,253}|[0-9A-Fa-f:.]{2,45}|\[[0-9A-Fa-f:.]{2,45}\]`;

/** A computer as above; one with its port, as in `server01:5985` or `server01:5985/wsman`; the number of a connection. */
const CONNECTION = String.raw`(?:${COMPUTER})(?::\d{1,5}(?:/[^\s?#]{0,200})?)?`;

/** `0d2a…` or a GUID; opaque, but no text that could leave its place in an envelope or on a screen. */
const SHELL_ID = String.raw`[\w.:{}\-]{1,200}`;

export const AUTHENTICATIONS = [
  'default',
  'basic',
  'digest',
  'negotiate',
  'kerberos',
  'credssp',
  'certificate',
] as const;

export const CONNECT = {
  computerName: {
    type: 'string',
    summary: 'the computer: a name, qualified or not, or an address; this one when absent, empty or "."',
    placeholder: 'COMPUTER',
    endpoint: true,
    position: 0,
    aliases: ['cn'],
    pattern: COMPUTER,
    mayBeEmpty: true,
    excludes: ['connectionUri'],
  },
  connectionUri: {
    type: 'string',
    summary: 'the whole address instead: http://COMPUTER:PORT/APPLICATION or https://…',
    placeholder: 'URI',
    endpoint: true,
    excludes: ['computerName', 'port', 'useSsl', 'applicationName'],
  },
  port: {
    type: 'integer',
    summary: 'its port; 5985, or 5986 with TLS, when absent',
    placeholder: 'PORT',
    minimum: 1,
    maximum: 65_535,
  },
  useSsl: { type: 'boolean', summary: 'connect with TLS' },
  applicationName: {
    type: 'string',
    summary: 'the path of the service; wsman when absent',
    placeholder: 'PATH',
    pattern: String.raw`/?[\w.\-~/]{1,200}`,
  },
  authentication: {
    type: 'string',
    summary: 'how to sign in; negotiate when absent, or certificate where one is given',
    choices: AUTHENTICATIONS,
    aliases: ['auth', 'am'],
  },
  userName: {
    type: 'string',
    summary: 'who signs in: NAME, DOMAIN\\NAME or NAME@DOMAIN',
    placeholder: 'NAME',
    credential: 'userName',
    aliases: ['u', 'user'],
  },
  password: { type: 'secret', summary: 'the password', credential: 'password', aliases: ['p'] },
  clientCertificate: {
    type: 'secret',
    summary: 'a client certificate and its private key, as PEM, instead of a user name',
    excludes: ['userName', 'password'],
  },
  allowUnencrypted: {
    type: 'boolean',
    summary: 'send over HTTP what anybody on the network can read, the password included',
    aliases: ['NoEncryption'],
  },
  skipCaCheck: { type: 'boolean', summary: 'accept a certificate of any authority' },
  skipCnCheck: { type: 'boolean', summary: 'accept a certificate for any name' },
  skipRevocationCheck: {
    type: 'boolean',
    summary: 'accept a revoked certificate; revocation is never looked up, so that this changes nothing',
  },
} as const satisfies ParameterTable;

export const FIND = {
  computerName: {
    type: 'string',
    summary: 'connections by computer, by COMPUTER:PORT, or by number',
    placeholder: 'COMPUTER',
    many: true,
    endpoint: true,
    position: 0,
    aliases: ['cn'],
    pattern: CONNECTION,
    mayBeEmpty: true,
  },
  shells: {
    type: 'boolean',
    summary: 'the remote shells on these computers, whoever opened them, instead of the connections',
  },
  shellId: {
    type: 'string',
    summary: 'single remote shells, by id',
    placeholder: 'ID',
    many: true,
    names: true,
    pattern: SHELL_ID,
    excludes: ['shells', 'strict'],
  },
  owner: {
    type: 'string',
    summary: 'only shells of this user: NAME, or DOMAIN\\NAME',
    placeholder: 'NAME',
    requires: ['shells'],
  },
  state: {
    type: 'string',
    summary: 'only shells in this state',
    choices: ['connected', 'disconnected'],
    requires: ['shells'],
  },
  idle: {
    type: 'integer',
    summary: 'only shells that nobody has used for so many minutes',
    placeholder: 'MINUTES',
    minimum: 0,
    requires: ['shells'],
  },
  strict: {
    type: 'boolean',
    summary: 'fail as Disconnect-WSMan does where there is no such connection',
    excludes: ['shells', 'shellId'],
  },
  drive: {
    type: 'boolean',
    summary: 'list what the drive WSMan: lists: connections, and this computer as well',
    listing: true,
    excludes: ['shells', 'shellId', 'computerName', 'strict'],
  },
} as const satisfies ParameterTable;

export type ConnectValues = Values<typeof CONNECT>;
export type FindValues = Values<typeof FIND>;

/** WinRM connections and remote shells. Throws `invalid-request` for options that make no sense. */
export function wsman(options: WsmanOptions = {}) {
  const settings = parseParameters(OPTIONS, { ...options });
  return defineProvider({
    contract: 1,
    id: 'wsman',
    title: 'WS-Management',
    impact: 'medium',
    connect: CONNECT,
    find: FIND,
    cmdlets: [
      {
        name: 'Connect-WSMan',
        verb: 'connect',
        sets: {
          ComputerName: ['computerName', 'applicationName', 'port', 'useSsl', ...COMMON],
          URI: ['connectionUri', ...COMMON],
        },
        confirmImpact: 'none',
      },
      {
        name: 'Disconnect-WSMan',
        verb: 'disconnect',
        effect: 'forget',
        sets: { Default: ['computerName', 'strict'] },
        confirmImpact: 'none',
      },
    ],
    create: async (host) => {
      const { WsmanProvider } = await import('./wsman-provider.ts');
      return host.resolve(WsmanProvider, settings);
    },
  });
}

/** What both sets of Connect-WSMan take. */
const COMMON = [
  'authentication',
  'userName',
  'password',
  'clientCertificate',
  'allowUnencrypted',
  'skipCaCheck',
  'skipCnCheck',
  'skipRevocationCheck',
] as const;
