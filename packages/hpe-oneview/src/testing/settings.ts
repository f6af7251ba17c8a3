/** What a release answers to `GET /rest/version`, and how it calls itself. */
export const RELEASES = {
  '4.10': { currentVersion: 800, minimumVersion: 120, softwareVersion: '4.10.00-0370202' },
  '4.20': { currentVersion: 1000, minimumVersion: 120, softwareVersion: '4.20.00-0383512' },
  '5.00': { currentVersion: 1200, minimumVersion: 120, softwareVersion: '5.00.00-0402815' },
  '11.40': { currentVersion: 8800, minimumVersion: 120, softwareVersion: '11.40.00-0524187' },
} as const;

export type Release = keyof typeof RELEASES;

/** The first version whose login details carry the message under a second name too. */
export const VERSION_WITH_SECOND_LOGIN_MESSAGE = RELEASES['4.20'].currentVersion;

export interface User {
  /** Compared without regard to case, unlike the password and the domain. */
  readonly userName: string;
  readonly password: string;
  /** `LOCAL` when absent. */
  readonly loginDomain?: string | undefined;
  /** `Infrastructure administrator` when absent. Who has none cannot log in. */
  readonly roles?: readonly string[] | undefined;
  readonly mustChangePassword?: boolean | undefined;
}

export interface LoginDomain {
  /** Case-sensitive. */
  readonly name: string;
  readonly authProtocol?: 'AD' | 'LDAP' | undefined;
  /** Whether the directory server answers; true when absent. */
  readonly isReachable?: boolean | undefined;
}

/** Error codes whose HTTP status no source tells. */
export type UncertainCode =
  | 'AUTHN_AUTH_FAIL_LOGINDOMAINNOTFOUND'
  | 'AUTHN_LOCAL_LOGIN_DISABLED'
  | 'AUTHN_SESSION_CLIENT_LIMIT_CROSSED'
  | 'AUTHN_SESSION_CRITICAL_LIMIT_CROSSED'
  | 'AUTHN_UNABLE_AUTH'
  | 'Session.INVALID';

/** Everything about the appliance that can change while it runs. */
export interface Settings {
  readonly currentVersion: number;
  readonly minimumVersion: number;
  readonly softwareVersion: string;
  /** A virtual appliance, or a Synergy Composer. */
  readonly platformType: 'vm' | 'hardware';
  readonly hostName: string;
  readonly users: readonly User[];
  /** Directories besides `LOCAL`, which is always there. */
  readonly loginDomains: readonly LoginDomain[];
  readonly defaultLoginDomain: string;
  readonly allowLocalLogin: boolean;
  readonly loginMessage: { readonly message: string; readonly acknowledgment: boolean };
  /** Idle time, in milliseconds, after which a new session ends. */
  readonly idleTimeout: number;
  /** Open sessions at most: on the appliance, and from one client address. */
  readonly limits: { readonly appliance: number; readonly client: number };
  /** Names of the servers in `/rest/server-hardware`. */
  readonly serverHardware: readonly string[];
  /** Members a page holds when the caller asks for no number. */
  readonly pageSize: number;

  // Where no source tells the truth, a test chooses.
  readonly statuses: Readonly<Record<UncertainCode, number>>;
  /** What a logout with a token that is not alive gets. */
  readonly unknownTokenAtLogout:
    'AUTHN_LOGOUT_FAILED' | 'AUTHORIZATION' | 'RESOURCE_NOT_FOUND' | 'Session.INVALID';
  /** How a live session is told that it lacks a right. */
  readonly missingRight: 'AUTHORIZATION' | 'INSUFFICIENT_PRIVILEGES';
  /** Whether `/rest/sessions` wants a live token in `auth` besides `Session-ID`. */
  readonly sessionsNeedToken: boolean;
  readonly nodeInfoNeedsToken: boolean;
  /** Whether the token that `auth-token` replaces dies. */
  readonly rotationEndsOldToken: boolean;
  /** Whether reconnecting by PUT hands out another token. */
  readonly reconnectRenewsToken: boolean;
}

export const LOCAL = 'LOCAL';
export const MAX_IDLE_TIMEOUT = 86_400_000;

const DEFAULT_SETTINGS: Omit<Settings, keyof (typeof RELEASES)[Release]> = {
  platformType: 'vm',
  hostName: 'ci-005056a1b2c3',
  users: [{ userName: 'Administrator', password: 'fake-password' }],
  loginDomains: [],
  defaultLoginDomain: LOCAL,
  allowLocalLogin: true,
  loginMessage: { message: '', acknowledgment: false },
  idleTimeout: MAX_IDLE_TIMEOUT,
  limits: { appliance: 2400, client: 960 },
  serverHardware: ['encl1, bay 1', 'encl1, bay 2', 'encl1, bay 3'],
  pageSize: 25,
  statuses: {
    AUTHN_AUTH_FAIL_LOGINDOMAINNOTFOUND: 404,
    AUTHN_LOCAL_LOGIN_DISABLED: 400,
    AUTHN_SESSION_CLIENT_LIMIT_CROSSED: 400,
    AUTHN_SESSION_CRITICAL_LIMIT_CROSSED: 400,
    AUTHN_UNABLE_AUTH: 400,
    'Session.INVALID': 401,
  },
  unknownTokenAtLogout: 'AUTHN_LOGOUT_FAILED',
  missingRight: 'AUTHORIZATION',
  sessionsNeedToken: false,
  nodeInfoNeedsToken: false,
  rotationEndsOldToken: true,
  reconnectRenewsToken: false,
};

/** What a test may set, at the start or later: any setting, a release in place of its numbers, some statuses. */
export type SettingsChange = Partial<Omit<Settings, 'statuses'>> & {
  readonly release?: Release | undefined;
  readonly statuses?: Partial<Settings['statuses']> | undefined;
};

/** `settings` with `change` applied to it; single numbers win over those of the release. */
export function changeSettings(
  settings: Settings,
  { release, statuses, ...change }: SettingsChange,
): Settings {
  return {
    ...settings,
    ...(release === undefined ? {} : RELEASES[release]),
    ...change,
    statuses: { ...settings.statuses, ...statuses },
  };
}

/** The settings of an appliance of today. */
export const CURRENT_SETTINGS: Settings = { ...RELEASES['11.40'], ...DEFAULT_SETTINGS };
