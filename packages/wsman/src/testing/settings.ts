import type { CredsspFaults, NtlmFaults, RefusalReason, SpnegoFaults } from '@slipline/windows-auth/testing';
import type { CommandRunner } from './command-runner.ts';

export interface WinrmUser {
  /** Compared without regard to case, as the domain is. */
  readonly userName: string;
  readonly password: string;
  /** A NetBIOS name; the computer's own when absent. */
  readonly domain?: string | undefined;
  /** Sees and ends everybody's shells, and may read the configuration. */
  readonly isAdministrator?: boolean | undefined;
  /** Signs in but may not use the service: neither administrator nor in Remote Management Users. */
  readonly isDenied?: boolean | undefined;
  /** Why Windows refuses it although the password is right. */
  readonly refusal?:
    | Extract<
        RefusalReason,
        'accountDisabled' | 'accountLockedOut' | 'passwordExpired' | 'passwordMustChange'
      >
    | undefined;
  /** Common names of client certificates that are mapped to it. */
  readonly certificateNames?: readonly string[] | undefined;
}

/** `Service\Auth` (MS-WSMV 2.2.4.34). Kerberos is advertised at most: this fake does not speak it. */
export interface AuthenticationSettings {
  readonly basic: boolean;
  /** Not offered by Windows, but by other services. */
  readonly digest: boolean;
  readonly negotiate: boolean;
  readonly certificate: boolean;
  readonly kerberos: boolean;
  /** Needs a certificate of the service. */
  readonly credssp: boolean;
}

/** Everything about the service that can change while it runs; defaults are those of Windows. */
export interface Settings {
  readonly computerName: string;
  readonly domain: string;
  readonly dnsDomain: string;
  readonly productVersion: string;
  /** The path of the service, without slashes, in lower case. */
  readonly applicationName: string;
  readonly users: readonly WinrmUser[];
  readonly authentication: AuthenticationSettings;
  /** What a 401 offers, where that is not what `authentication` says. */
  readonly advertised?: readonly string[] | undefined;
  readonly allowUnencrypted: boolean;
  /** CbtHardeningLevel `None`, `Relaxed`, `Strict`. */
  readonly channelBinding: 'off' | 'supported' | 'required';
  readonly ntlm: NtlmFaults;
  readonly spnego: SpnegoFaults;
  readonly credssp: CredsspFaults;

  readonly allowRemoteShellAccess: boolean;
  readonly maxShellsPerUser: number;
  readonly maxConcurrentUsers: number;
  readonly maxConcurrentOperationsPerUser: number;
  readonly maxEnvelopeSizeKb: number;
  /** The next four in milliseconds: of a shell, the most a shell may ask for, of a shell's life, of an enumeration. */
  readonly idleTimeout: number;
  readonly maxIdleTimeout: number;
  readonly maxShellRunTime: number;
  readonly enumerationTimeout: number;
  readonly run: CommandRunner;

  // What differs between services, or where no source tells the truth: a test chooses.
  readonly honoursOptimisation: boolean;
  /** Each page begins with the last row of the one before. */
  readonly repeatsRows: boolean;
  /** Each Pull answers another enumeration context. */
  readonly renewsContexts: boolean;
  /** Whether rows of winrs shells have a State. */
  readonly winrsShowsState: boolean;
  /** HTTP status of SOAP faults. */
  readonly faultStatus: number;
  /** Whether only the client session that created a shell can disconnect it. */
  readonly disconnectNeedsOwnSession: boolean;
  /** Each answer but those of a handshake closes the connection. */
  readonly closesConnections: boolean;
}

const DEFAULTS: Omit<Settings, 'run'> = {
  computerName: 'SERVER01',
  domain: 'CORP',
  dnsDomain: 'corp.example',
  applicationName: 'wsman',
  productVersion: 'OS: 10.0.20348 SP: 0.0 Stack: 3.0',
  users: [{ userName: 'Administrator', domain: 'CORP', password: 'fake-password', isAdministrator: true }],
  authentication: {
    basic: false,
    digest: false,
    negotiate: true,
    certificate: false,
    kerberos: false,
    credssp: false,
  },
  allowUnencrypted: false,
  channelBinding: 'supported',
  ntlm: {},
  spnego: {},
  credssp: {},
  allowRemoteShellAccess: true,
  maxShellsPerUser: 30,
  maxConcurrentUsers: 10,
  maxConcurrentOperationsPerUser: 1500,
  maxEnvelopeSizeKb: 500,
  idleTimeout: 7_200_000,
  maxIdleTimeout: 2_147_483_647,
  maxShellRunTime: 28_800_000,
  enumerationTimeout: 60_000,
  honoursOptimisation: true,
  repeatsRows: false,
  renewsContexts: false,
  winrsShowsState: false,
  faultStatus: 500,
  disconnectNeedsOwnSession: false,
  closesConnections: false,
};

/** What a test may set, at the start or later. */
export type SettingsChange = Partial<Omit<Settings, 'authentication'>> & {
  readonly authentication?: Partial<AuthenticationSettings> | undefined;
};

export function changeSettings(settings: Settings, { authentication, ...change }: SettingsChange): Settings {
  return {
    ...settings,
    ...change,
    authentication: { ...settings.authentication, ...authentication },
  };
}

export function initialSettings(run: CommandRunner, change: SettingsChange): Settings {
  return changeSettings({ ...DEFAULTS, run }, change);
}

/** `CORP\jdoe`, as rows name the owner of a shell. */
export function ownerName({ userName, domain }: WinrmUser, { computerName }: Settings): string {
  return `${domain ?? computerName}\\${userName}`;
}
