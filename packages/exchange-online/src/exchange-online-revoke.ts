import { DisconnectError, type CallContext, type Disconnected } from '@slipline/core';
import { GraphClient, IdentityError, type KeptServices } from '@slipline/microsoft-identity';
import type { Connection } from './exchange-online-connection.ts';
import { inWords } from './identity-errors.ts';

/**
 * Signs the person out everywhere. Whatever the directory answers, what is kept here goes: the person asked for it. Only what was
 * interrupted stays, to be finished.
 */
export async function revoke(
  { kept, identity }: Connection,
  { signal }: CallContext,
  services: Pick<KeptServices, 'fetch' | 'clock'>,
): Promise<Pick<Disconnected, 'wasGone'>> {
  const { environment } = kept;
  try {
    const { accessToken } = await identity.acquire({ scopes: [`${environment.graph}/.default`], signal });
    await new GraphClient({ environment, ...services }).revokeSignInSessions(accessToken, { signal });
    return { wasGone: false };
  } catch (error) {
    signal.throwIfAborted();
    if (IdentityError.is(error) && error.code === 'grant-revoked') return { wasGone: true };
    throw forgetting(DisconnectError.from(inWords(error)));
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

function forgetting({ code, message, system, next, cause, details }: DisconnectError): DisconnectError {
  return new DisconnectError(code, `not signed out elsewhere, only forgotten here: ${message}`, {
    system,
    next: next ?? 'revoke the sign-ins of this person in the Entra admin center',
    cause,
    details,
    forgets: true,
  });
}
