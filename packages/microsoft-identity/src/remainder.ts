import type { SignInKind } from './sign-in.ts';

/** What is known of a session whose access is to end; no secret is needed for it. */
export interface SignInFacts {
  readonly kind: SignInKind;
  /** When the newest access token ends, milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  readonly now: number;
}

/** Access that remains, in words for people, and until when (milliseconds since 1970) where that is known. */
export interface Remainder {
  readonly what: string;
  readonly until?: number | undefined;
}

const DELEGATED: readonly SignInKind[] = ['interactive', 'device-code'];

/** Whether a person stands behind this kind of sign-in, so that their refresh tokens can be revoked. */
export function isDelegated(kind: SignInKind): boolean {
  return DELEGATED.includes(kind);
}

/** What goes on although everything that was kept here is destroyed: nothing was said to the service. */
export function remainderOfForgetting({ kind, expiresAt, now }: SignInFacts): readonly Remainder[] {
  return [...issuedToken(expiresAt, now), ...CREDENTIALS[kind]];
}

/** What goes on although the directory has revoked a person's sign-ins. */
export function remainderOfRevoking({ expiresAt, now }: Omit<SignInFacts, 'kind'>): readonly Remainder[] {
  return [
    ...issuedToken(expiresAt, now),
    {
      what: 'other access tokens of this person, until they expire (about an hour), except where they are evaluated continuously',
    },
    { what: 'sessions as a guest in other tenants, and those of applications that act as themselves' },
  ];
}

/** What cannot be cleared from here, or need not be, by kind. */
const CREDENTIALS: Readonly<Record<SignInKind, readonly Remainder[]>> = {
  interactive: [
    { what: 'copies of the refresh token, until it is revoked or expires' },
    { what: "the browser's own sign-in, and accounts in the Windows broker" },
  ],
  'device-code': [
    { what: 'copies of the refresh token, until it is revoked or expires' },
    { what: 'the sign-in of the browser in which the code was typed' },
  ],
  'client-secret': [{ what: "the application's secret, until it is removed from its registration" }],
  certificate: [{ what: "the application's certificate, until it is removed from its registration" }],
  federated: [{ what: 'the trust in the other identity system, until it is removed from the registration' }],
  'managed-identity': [{ what: "the machine's managed identity, until it is taken from the machine" }],
  'access-token': [],
};

function issuedToken(expiresAt: number | undefined, now: number): readonly Remainder[] {
  if (expiresAt === undefined) return [{ what: 'copies of the access token, until it expires' }];
  return expiresAt > now ? [{ what: 'copies of the access token', until: expiresAt }] : [];
}
