import { defineProvider, parseParameters, type ParameterTable, type Values } from '@slipline/core';
import { CLIENT_INFO, RECORD, WTS_INFO } from './desktop-records.ts';
import { HOST } from './host-address.ts';

/** What an app that composes this provider may set. */
export interface TerminalSessionsOptions {
  /** `auto` (default) is `wts` on Windows where no credential is known, else `smb`. */
  readonly transport?: 'auto' | 'smb' | 'wts' | undefined;
  /** `preferred` (default) encrypts where the host can, `required` refuses hosts that cannot, `server` leaves it to them. */
  readonly encryption?: 'preferred' | 'required' | 'server' | undefined;
  /** How to sign in over SMB: `ntlm` (default), or `kerberos` through the system's library, for hosts that take no NTLM. */
  readonly authentication?: 'ntlm' | 'kerberos' | undefined;
  /** Milliseconds that a connection to a host is kept after its last use; 15,000 when absent. */
  readonly idleTimeout?: number | undefined;
  /** Where this program runs, for its own session not to be disconnected; found out when absent. */
  readonly caller?: Caller | undefined;
}

/** A session of a Windows host, as the programs inside it know it. */
export interface Caller {
  readonly computerName: string;
  readonly userName: string;
  /** `Console`, `RDP-Tcp#3`. */
  readonly sessionName: string;
}

export type Settings = Omit<TerminalSessionsOptions, 'caller'>;

const OPTIONS = {
  transport: {
    type: 'string',
    choices: ['auto', 'smb', 'wts'],
    summary: 'how hosts are spoken to: smb from anywhere, wts on Windows',
  },
  encryption: {
    type: 'string',
    choices: ['preferred', 'required', 'server'],
    summary: 'whether what is said over SMB has to be encrypted',
  },
  authentication: {
    type: 'string',
    choices: ['ntlm', 'kerberos'],
    summary: 'how to sign in over SMB',
  },
  idleTimeout: {
    type: 'integer',
    minimum: 0,
    maximum: 3_600_000,
    summary: 'milliseconds that a connection is kept after its last use',
  },
} as const satisfies ParameterTable;

const PORT = {
  type: 'integer',
  summary: 'the port of SMB, for hosts that are named without one; 445 when absent',
  placeholder: 'NUMBER',
  minimum: 1,
  maximum: 65_535,
} as const;
const USER_NAME = {
  type: 'string',
  summary: 'who asks: DOMAIN\\user, user@domain, or a user of the host itself',
  placeholder: 'NAME',
  credential: 'userName',
} as const;
const PASSWORD = { type: 'secret', summary: 'the password', credential: 'password' } as const;

export const CONNECT = {
  computerName: {
    type: 'string',
    summary: 'the host: HOST or HOST:PORT, an IPv6 address in brackets',
    placeholder: 'HOST',
    endpoint: true,
    required: true,
    position: 0,
    aliases: ['cn', 'ServerName'],
    pattern: HOST,
  },
  userName: USER_NAME,
  password: PASSWORD,
  port: PORT,
} as const satisfies ParameterTable;

/** As Windows calls the states of a session, in its order. */
export const STATES = [
  'Active',
  'Connected',
  'ConnectQuery',
  'Shadow',
  'Disconnected',
  'Idle',
  'Listen',
  'Reset',
  'Down',
  'Init',
] as const;

export const FIND = {
  computerName: {
    type: 'string',
    summary: 'hosts, several with commas; those with a connection when absent',
    placeholder: 'HOST',
    many: true,
    endpoint: true,
    position: 0,
    aliases: ['cn', 'ServerName'],
    pattern: HOST,
  },
  sessionId: {
    type: 'integer',
    summary: 'sessions by their id on the host',
    placeholder: 'NUMBER',
    many: true,
    names: true,
    minimum: 1,
    maximum: 65_535,
    requires: ['computerName'],
    aliases: ['id'],
  },
  user: {
    type: 'string',
    summary: 'sessions of this user: jdoe or DOMAIN\\jdoe',
    placeholder: 'NAME',
    many: true,
  },
  state: {
    type: 'string',
    summary: 'sessions in this state',
    placeholder: 'STATE',
    many: true,
    choices: STATES,
  },
  idle: {
    type: 'integer',
    summary: 'sessions without input for at least so many minutes; time spent disconnected counts',
    placeholder: 'MINUTES',
    minimum: 1,
    maximum: 5_256_000,
  },
  onlineOnly: { type: 'boolean', summary: 'sessions with a client only: none that is disconnected' },
  connection: {
    type: 'string',
    summary: 'connections that connect has made, by number or host',
    placeholder: 'CONNECTION',
    many: true,
    names: true,
    excludes: ['computerName', 'user', 'state', 'idle', 'onlineOnly'],
  },
  detailed: {
    type: 'boolean',
    summary: 'more about the client: its screen, its build, how it is encrypted',
    listing: true,
    aliases: ['Details'],
  },
  systemSessions: {
    type: 'boolean',
    summary: 'also what belongs to nobody: services, an empty console, listeners',
    listing: true,
  },
  userName: USER_NAME,
  password: PASSWORD,
  port: PORT,
} as const satisfies ParameterTable;

/** Buttons of a message, as Windows numbers them. */
export const BUTTONS = ['Ok', 'OkCancel', 'AbortRetryIgnore', 'YesNoCancel', 'YesNo', 'RetryCancel'] as const;

export const MESSAGE = {
  text: {
    type: 'string',
    summary: 'what to say',
    required: true,
    position: 0,
    aliases: ['Body', 'Message'],
    pattern: String.raw`[\s\S]{1,4000}`,
  },
  title: {
    type: 'string',
    summary: 'the title of the window; "Message" when absent',
    pattern: String.raw`[^\r\n]{1,200}`,
  },
  buttons: {
    type: 'string',
    summary: 'waits until one of these is pressed, and says which',
    choices: BUTTONS,
    aliases: ['Type'],
  },
  timeoutSeconds: {
    type: 'integer',
    summary: 'waits so long for an answer, and takes the message away then; 15 when absent',
    minimum: 1,
    maximum: 3600,
    waits: true,
  },
} as const satisfies ParameterTable;

export type ConnectValues = Values<typeof CONNECT>;
export type FindValues = Values<typeof FIND>;
export type MessageValues = Values<typeof MESSAGE>;

/** The parameter sets of every cmdlet that takes sessions. */
const BY_SESSION = {
  sets: { BySessionInfo: ['SessionInfo'], ByManual: ['computerName', 'sessionId'] },
  mandatory: { ByManual: ['computerName', 'sessionId'] },
  input: { name: 'SessionInfo' },
} as const;

/** Desktops on Windows hosts. Throws `invalid-request` for options that make no sense. */
export function terminalSessions({ caller, ...options }: TerminalSessionsOptions = {}) {
  const settings: Settings = parseParameters(OPTIONS, { ...options });
  return defineProvider({
    contract: 1,
    id: 'terminal-sessions',
    title: 'Windows terminal sessions',
    impact: 'medium',
    connect: CONNECT,
    find: FIND,
    cmdlets: [
      {
        name: 'Get-TerminalSession',
        aliases: ['Get-WTSSession', 'gts'],
        verb: 'list',
        sets: {
          Default: ['computerName', 'onlineOnly'],
          Detailed: ['computerName', 'onlineOnly', 'detailed'],
        },
      },
      {
        name: 'Get-TerminalInfo',
        aliases: ['gti'],
        verb: 'list',
        ...BY_SESSION,
        prints: WTS_INFO,
      },
      {
        name: 'Get-TerminalClientInfo',
        aliases: ['gtc'],
        verb: 'list',
        ...BY_SESSION,
        values: { detailed: true },
        prints: CLIENT_INFO,
      },
      {
        name: 'Disconnect-TerminalSession',
        aliases: ['Disconnect-WTSSession', 'dcts'],
        verb: 'disconnect',
        effect: 'detach',
        ...BY_SESSION,
        confirmImpact: 'none',
        prints: 'true',
      },
      {
        name: 'Remove-TerminalSession',
        aliases: ['rts'],
        verb: 'disconnect',
        effect: 'end',
        ...BY_SESSION,
        confirmImpact: 'high',
        prints: 'true',
      },
      {
        name: 'Send-TerminalMessage',
        aliases: ['sdtm'],
        verb: 'act',
        action: 'message',
        ...BY_SESSION,
        confirmImpact: 'none',
      },
    ],
    record: RECORD,
    actions: { message: { summary: 'shows a message to the user of a session', parameters: MESSAGE } },
    create: async (host) => {
      const { TerminalSessionsProvider } = await import('./terminal-sessions-provider.ts');
      return host.resolve(TerminalSessionsProvider, { settings, caller });
    },
  });
}
