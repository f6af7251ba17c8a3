import type { Secret } from '@slipline/core';

/** What an appliance says before anybody logs in. */
export interface LoginDetails {
  /** Names of directories, as the appliance spells them; `LOCAL` is one. */
  readonly loginDomains: readonly string[];
  readonly defaultLoginDomain?: string | undefined;
  readonly loginMessage: LoginMessage;
}

export interface LoginMessage {
  /** Empty where there is none. */
  readonly text: string;
  readonly mustBeAcknowledged: boolean;
}

/** Who logs in, in the appliance's spelling. */
export interface LoginName {
  readonly userName: string;
  /** The appliance chooses when absent. */
  readonly authLoginDomain?: string | undefined;
}

export interface Login extends LoginName {
  readonly password: Secret;
  readonly isMessageAcknowledged: boolean;
}

const LOCAL = 'LOCAL';

/**
 * Directory names are case-sensitive on the wire, so those that people write are mapped to the appliance's spelling. Where
 * no directory is named, one that the appliance knows may lead or end the user name: `CORP\jdoe`, `jdoe@corp.example`.
 */
export function loginName(
  userName: string,
  authLoginDomain: string | undefined,
  { loginDomains, defaultLoginDomain }: LoginDetails,
): LoginName {
  if (authLoginDomain !== undefined)
    return { userName, authLoginDomain: spelling(loginDomains, authLoginDomain) ?? authLoginDomain };
  const [, prefix, afterPrefix] = /^([^\\]+)\\(.+)$/s.exec(userName) ?? [];
  const [, beforeSuffix, suffix] = /^(.+)@([^@]+)$/s.exec(userName) ?? [];
  const ofPrefix = spelling(loginDomains, prefix);
  if (afterPrefix !== undefined && ofPrefix !== undefined)
    return { userName: afterPrefix, authLoginDomain: ofPrefix };
  const ofSuffix = spelling(loginDomains, suffix);
  if (beforeSuffix !== undefined && ofSuffix !== undefined)
    return { userName: beforeSuffix, authLoginDomain: ofSuffix };
  return { userName, authLoginDomain: defaultLoginDomain };
}

function spelling(known: readonly string[], wanted: string | undefined): string | undefined {
  if (wanted === undefined || known.includes(wanted)) return wanted;
  const folded = wanted.toLowerCase();
  if (folded === LOCAL.toLowerCase()) return LOCAL;
  const alike = known.filter((name) => name.toLowerCase() === folded);
  return alike.length === 1 ? alike[0] : undefined;
}

/** `CORP\jdoe`, and for local users the name alone. */
export function principalOf({ userName, authLoginDomain }: LoginName): string {
  return authLoginDomain === undefined || authLoginDomain === LOCAL
    ? userName
    : `${authLoginDomain}\\${userName}`;
}
