import { flagsOf, type NtlmFlag } from './ntlm-flags.ts';
import type { ProtectionFaults } from './ntlm-protection.ts';
import type { RefusalReason } from './refusal.ts';

export interface NtlmUser {
  /** Compared without regard to case, as the domain is. */
  readonly userName: string;
  readonly password: string;
  /** The NetBIOS name of its domain; the server's own when absent. */
  readonly domain?: string | undefined;
  /** Why it is refused although its password is right. */
  readonly refusal?:
    | Extract<
        RefusalReason,
        'accountDisabled' | 'accountLockedOut' | 'passwordExpired' | 'passwordMustChange'
      >
    | undefined;
}

/** What the server calls itself. */
export interface TargetNames {
  readonly netbiosComputer: string;
  readonly netbiosDomain: string;
  readonly dnsComputer: string;
  readonly dnsDomain: string;
}

/** How the server misbehaves towards its clients; they must notice, so it carries on as if all were well. */
export interface NtlmFaults extends ProtectionFaults {
  /** Taken out of what the CHALLENGE agrees to. */
  readonly dropFlags?: readonly NtlmFlag[] | undefined;
  /** The CHALLENGE has no target information, one without names, or one whose pairs do not end. */
  readonly targetInfo?: 'none' | 'nameless' | 'endless' | undefined;
  /** The CHALLENGE carries no time, so that clients take their own. */
  readonly noTimestamp?: boolean | undefined;
  /** Sent in place of the CHALLENGE. */
  readonly challenge?: Uint8Array | undefined;
  /** Protects with a key of its own, as somebody does who passed on the sign-in but does not know the password. */
  readonly wrongKey?: boolean | undefined;
}

export interface NtlmSettings {
  readonly users: readonly NtlmUser[];
  readonly target: TargetNames;
  /** A wrong channel binding is refused unless `off`; a missing one if `required` (CbtHardeningLevel `Strict`). */
  readonly channelBinding: 'off' | 'supported' | 'required';
  /** The MIC is checked wherever a client announces one; this refuses clients that do not. */
  readonly isMicRequired: boolean;
  /** Flags without which a client is refused. */
  readonly requiredFlags: readonly NtlmFlag[];
  /** Names of AV pair 9 that are accepted, such as `HTTP/server01`; any when absent. */
  readonly servicePrincipalNames?: readonly string[] | undefined;
  readonly clock: { now(): number };
  /** The 8 octets of a CHALLENGE; random when absent. */
  readonly serverChallenge?: (() => Uint8Array) | undefined;
  readonly faults: NtlmFaults;
}

export type NtlmAcceptorOptions = Partial<Omit<NtlmSettings, 'target'>> & {
  readonly users: readonly NtlmUser[];
  readonly target?: Partial<TargetNames> | undefined;
};

/** What the server agrees to where a client offers it. */
export const SUPPORTED = flagsOf(
  'UNICODE',
  'OEM',
  'SIGN',
  'SEAL',
  'EXTENDED_SESSION_SECURITY',
  'VERSION',
  'KEY_128',
  'KEY_EXCHANGE',
  'KEY_56',
);

/** What the server says of itself, asked or not (MS-NLMP 3.2.5.1.1). */
export const ALWAYS = flagsOf('REQUEST_TARGET', 'NTLM', 'ALWAYS_SIGN', 'TARGET_INFO', 'TARGET_TYPE_DOMAIN');

export function settingsOf({ target, ...options }: NtlmAcceptorOptions): NtlmSettings {
  return {
    channelBinding: 'supported',
    isMicRequired: false,
    requiredFlags: ['EXTENDED_SESSION_SECURITY', 'KEY_128'],
    clock: Date,
    faults: {},
    ...options,
    target: {
      netbiosComputer: 'SERVER01',
      netbiosDomain: 'CORP',
      dnsComputer: 'server01.corp.example',
      dnsDomain: 'corp.example',
      ...target,
    },
  };
}
