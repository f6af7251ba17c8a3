import { decodeClaims, textClaim } from './claims.ts';
import { byBrowser, byDeviceCode, withoutPerson, type Asking, type Outcome, type Setting } from './flows.ts';
import type { Wish } from './msal.ts';
import { withoutAccessTokens, type PartitionContent, type StoredToken } from './partition.ts';
import type { Account, SignInKind } from './sign-in.ts';
import type { TokenAnswer } from './token-answer.ts';
import { checkTokens, untrusted } from './token-checks.ts';

/** What one fetch brought: the token, and the partition as it is now. */
export interface Acquired {
  readonly token: StoredToken;
  readonly content: PartitionContent;
}

const KEPT_TOKENS = 8;
const ASKS_PERSON: readonly SignInKind[] = ['interactive', 'device-code'];

/** Fetches a token with what the application holds, or what an earlier sign-in left in `previous`. Asks nobody. */
export async function renew(
  setting: Setting,
  wish: Wish,
  previous: PartitionContent | undefined,
  signal: AbortSignal,
): Promise<Acquired> {
  const outcome = await withoutPerson(setting, wish, previous, signal);
  return settle(setting, wish, outcome, previous);
}

/** Lets a person sign in, or fetches the application's first token. What an earlier sign-in left counts for nothing. */
export async function signInAnew(
  setting: Setting,
  wish: Wish,
  asking: Asking,
  signal: AbortSignal,
): Promise<Acquired> {
  switch (setting.signIn.kind) {
    case 'interactive':
      return settle(setting, wish, await byBrowser(setting, wish, asking, signal));
    case 'device-code':
      return settle(setting, wish, await byDeviceCode(setting, wish, asking, signal));
    default:
      return settle(setting, wish, await withoutPerson(setting, wish, undefined, signal));
  }
}

/** Checks what came, and puts it where the session keeps its tokens. */
function settle(
  setting: Setting,
  wish: Wish,
  { answer, issuer, nonce, homeId, msal }: Outcome,
  previous?: PartitionContent,
): Acquired {
  const { environment, clientId, tenant, signIn, clock } = setting;
  const { accessToken, expiresAt, idToken, skew } = answer;
  const objectId = previous?.account?.objectId;
  const now = clock.now();
  const expected = { environment, tenant, clientId, objectId, nonce, issuer, now, skew };
  const { tenantId, claims } = checkTokens(accessToken, idToken, expected);
  const token: StoredToken = {
    wanted: wish.scopes,
    scopes: grantedScopes(answer, wish),
    accessToken,
    expiresAt,
  };
  const others = (previous?.tokens ?? []).filter(
    (kept) => (kept.expiresAt ?? Infinity) > now && kept.wanted.join(' ') !== wish.scopes.join(' '),
  );
  const account = previous?.account ?? accountOf(claims, tenantId, homeId);
  if (account === undefined && ASKS_PERSON.includes(signIn.kind)) {
    throw untrusted('the service does not say who has signed in');
  }
  const content: PartitionContent = {
    kind: signIn.kind,
    login: environment.login,
    clientId,
    tenantId: tenantId ?? previous?.tenantId,
    account,
    tokens: [...others, token].slice(-KEPT_TOKENS),
    msal: msal === undefined ? undefined : withoutAccessTokens(msal),
  };
  return { token, content };
}

/** What the token itself says, since what the answer says may be an echo of the question. */
function grantedScopes({ accessToken, scopes }: TokenAnswer, wish: Wish): readonly string[] {
  const { scp, roles } = decodeClaims(accessToken) ?? {};
  if (typeof scp === 'string') return scp.split(' ').filter((scope) => scope !== '');
  if (Array.isArray(roles)) return roles.filter((role): role is string => typeof role === 'string');
  return scopes.length > 0 ? scopes : wish.scopes;
}

function accountOf(
  claims: ReturnType<typeof checkTokens>['claims'],
  tenantId: string | undefined,
  homeId: string | undefined,
): Account | undefined {
  const objectId = textClaim(claims, 'oid') ?? textClaim(claims, 'sub');
  if (objectId === undefined) return undefined;
  return {
    id: homeId ?? objectId,
    objectId,
    tenantId: tenantId ?? '',
    userName:
      textClaim(claims, 'preferred_username') ?? textClaim(claims, 'upn') ?? textClaim(claims, 'email'),
    name: textClaim(claims, 'name'),
  };
}
