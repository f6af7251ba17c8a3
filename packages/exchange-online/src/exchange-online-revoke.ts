import { DisconnectError, type CallContext, type ErrorCode } from '@slipline/core';
import { GraphClient, IdentityError, type KeptServices, type Token } from '@slipline/microsoft-identity';
import type { Connection } from './exchange-online-connection.ts';
import { inWords } from './identity-errors.ts';

/**
 * Signs the person out everywhere, and gives the token that it was done with; `undefined` where the directory had revoked this sign-in
 * before. Whatever the directory answers, what is kept here goes: the person asked for it. Only what was interrupted before anything
 * was asked stays as it was.
 */
export async function revoke(
  { kept, identity }: Connection,
  { signal }: CallContext,
  services: Pick<KeptServices, 'fetch' | 'clock'>,
): Promise<Token | undefined> {
  const { environment } = kept;
  let token: Token | undefined;
  try {
    // Issued now: whoever's grant is dead already cannot get one.
    token = await identity.acquire({ scopes: [`${environment.graph}/.default`], forceRefresh: true, signal });
    await new GraphClient({ environment, ...services }).revokeSignInSessions(token.accessToken, { signal });
    return token;
  } catch (error) {
    const isSent = token !== undefined;
    if (signal.aborted && !isSent) throw error;
    if (IdentityError.is(error) && error.code === 'grant-revoked') return undefined;
    throw unrevoked(error, isSent);
  }
}

/** Whether the directory refuses the refresh token that was kept. */
export async function isRevoked({ identity }: Connection, { signal }: CallContext): Promise<boolean> {
  const answer = await identity.redeemable({ signal });
  switch (answer.status) {
    case 'refused':
      return true;
    case 'accepted':
      return false;
    case 'none':
      throw new DisconnectError('unsupported', 'there is no refresh token to try');
    case 'unknown':
      throw inWords(answer.error);
    default:
      return answer satisfies never;
  }
}

function unrevoked(error: unknown, isSent: boolean): DisconnectError {
  const { code, message, system, next, cause, details } = DisconnectError.from(inWords(error));
  return new DisconnectError(
    code,
    `${message}; what was kept here is gone, the sign-ins are not known to be`,
    {
      system,
      next: next ?? 'revoke the sign-ins of this person in the Entra admin center',
      cause,
      details,
      mayHaveTakenEffect: isSent && UNCERTAIN.includes(code) && details?.['identityCode'] !== 'not-revoked',
      forgets: true,
    },
  );
}

/** After these nobody can say whether the directory has done it. */
const UNCERTAIN: readonly ErrorCode[] = ['protocol', 'unreachable', 'timeout', 'aborted'];
