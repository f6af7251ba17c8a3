import { AuthError } from './errors.ts';

/** Who signs in. `userName` may be `DOMAIN\user` or `user@realm` where `domain` is not given. */
export interface PasswordCredential {
  readonly userName: string;
  readonly domain?: string | undefined;
  /** A function is asked when the password is needed, so that it need not be kept in the open until then. */
  readonly password: string | (() => string);
}

const MAX_NAME = 1024;
const MAX_PASSWORD = 4096;

/** The account as NTLM names it: `user@realm` stays whole, with an empty domain. */
export function accountOf({ userName, domain }: PasswordCredential): { user: string; domain: string } {
  const slash = userName.indexOf('\\');
  const account =
    domain === undefined && slash >= 0
      ? { user: userName.slice(slash + 1), domain: userName.slice(0, slash) }
      : { user: userName, domain: domain ?? '' };
  if (account.user === '')
    throw new AuthError('no-credential', 'No user name was given.', { next: 'Give a user name.' });
  if (account.user.length > MAX_NAME || account.domain.length > MAX_NAME) {
    throw new AuthError('invalid-settings', `A user name or domain is longer than ${MAX_NAME} characters.`);
  }
  return account;
}

/** The password in UTF-16LE, for the caller to wipe. */
export function passwordOf({ password }: PasswordCredential): Buffer {
  const text = typeof password === 'string' ? password : password();
  if (text.length > MAX_PASSWORD) {
    throw new AuthError('invalid-settings', `The password is longer than ${MAX_PASSWORD} characters.`);
  }
  return Buffer.from(text, 'utf16le');
}
