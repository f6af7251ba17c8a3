import { defineProvider, parseParameters, type ParameterTable, type Values } from '@slipline/core';
import { SERVER } from './server-address.ts';

/** What an app that composes this provider may set. */
export interface SmbSessionsOptions {
  /** `preferred` (default) encrypts where the server can, `required` refuses servers that cannot, `server` leaves it to them. */
  readonly encryption?: 'preferred' | 'required' | 'server' | undefined;
  /** How to sign in: `ntlm` (default), or `kerberos` through the system's library. */
  readonly authentication?: 'ntlm' | 'kerberos' | undefined;
}

const OPTIONS = {
  encryption: {
    type: 'string',
    choices: ['preferred', 'required', 'server'],
    summary: 'whether what is said has to be encrypted',
  },
  authentication: { type: 'string', choices: ['ntlm', 'kerberos'], summary: 'how to sign in' },
} as const satisfies ParameterTable;

const WHO = {
  userName: {
    type: 'string',
    summary: 'who asks: DOMAIN\\user, user@domain, or a user of the server itself',
    placeholder: 'NAME',
    credential: 'userName',
  },
  password: { type: 'secret', summary: 'the password', credential: 'password' },
  port: {
    type: 'integer',
    summary: 'the port of SMB, for servers that are named without one; 445 when absent',
    placeholder: 'NUMBER',
    minimum: 1,
    maximum: 65_535,
  },
} as const satisfies ParameterTable;

export const CONNECT = {
  computerName: {
    type: 'string',
    summary: 'the file server: HOST or HOST:PORT, an IPv6 address in brackets',
    placeholder: 'HOST',
    endpoint: true,
    required: true,
    position: 0,
    aliases: ['cn'],
    pattern: SERVER,
  },
  ...WHO,
} as const satisfies ParameterTable;

export const FIND = {
  computerName: {
    type: 'string',
    summary: 'file servers, several with commas; those with a connection when absent',
    placeholder: 'HOST',
    many: true,
    endpoint: true,
    position: 0,
    aliases: ['cn'],
    pattern: SERVER,
  },
  user: {
    type: 'string',
    summary: 'sessions of this user, as the server names them',
    placeholder: 'NAME',
    many: true,
    aliases: ['ClientUserName'],
  },
  client: {
    type: 'string',
    summary: 'sessions from this client: its name or address, as the server lists it',
    placeholder: 'NAME',
    many: true,
    aliases: ['ClientComputerName'],
  },
  idle: {
    type: 'integer',
    summary: 'sessions that have been idle for at least so many minutes',
    placeholder: 'MINUTES',
    minimum: 1,
    maximum: 5_256_000,
  },
  connection: {
    type: 'string',
    summary: 'connections that connect has made, by number or server',
    placeholder: 'CONNECTION',
    many: true,
    names: true,
    excludes: ['computerName', 'user', 'client', 'idle'],
  },
  ...WHO,
} as const satisfies ParameterTable;

export type ConnectValues = Values<typeof CONNECT>;
export type FindValues = Values<typeof FIND>;

/** Sessions on SMB file servers. Throws `invalid-request` for options that make no sense. */
export function smbSessions(options: SmbSessionsOptions = {}) {
  const settings: SmbSessionsOptions = parseParameters(OPTIONS, { ...options });
  return defineProvider({
    contract: 1,
    id: 'smb-sessions',
    title: 'Sessions on SMB file servers',
    impact: 'medium',
    connect: CONNECT,
    find: FIND,
    cmdlets: [
      { name: 'Get-SmbSession', verb: 'list' },
      {
        name: 'Close-SmbSession',
        verb: 'disconnect',
        effect: 'end',
        input: { name: 'InputObject' },
        confirmImpact: 'high',
      },
    ],
    record: [
      { name: 'SessionId', from: 'id' },
      { name: 'ClientComputerName', from: 'details.clientName' },
      { name: 'ClientUserName', from: 'details.userName' },
      { name: 'NumOpens', from: 'details.openCount' },
      { name: 'SecondsExists', from: 'details.activeSeconds' },
      { name: 'SecondsIdle', from: 'details.idleSeconds' },
      { name: 'PSComputerName', from: 'endpoint' },
    ],
    create: async (host) => {
      const { SmbSessionsProvider } = await import('./smb-sessions-provider.ts');
      return host.resolve(SmbSessionsProvider, { settings });
    },
  });
}
