import { Secret, type CallContext, type Credential } from '@slipline/core';
import { CONNECTION } from './desktop-session.ts';

/** What `connect` has sealed with a connection. */
export function keptSecret({ userName, password }: Credential): Secret {
  return new Secret(JSON.stringify({ userName, password: password.reveal() }));
}

/** The credential of the newest connection to this endpoint, of this user where one is given. */
export async function keptCredential(
  endpoint: string,
  userName: string | undefined,
  context: CallContext,
): Promise<Credential | undefined> {
  const own = await context.own();
  const session = own.findLast(
    (one) =>
      one.kind === CONNECTION &&
      one.state === 'live' &&
      one.endpoint.toLowerCase() === endpoint.toLowerCase() &&
      (userName === undefined || one.principal?.toLowerCase() === userName.toLowerCase()),
  );
  if (session === undefined) return undefined;
  const kept = JSON.parse((await context.secret(session)).reveal()) as Readonly<Record<string, unknown>>;
  const { userName: name, password } = kept;
  if (typeof name !== 'string' || typeof password !== 'string') return undefined;
  return { userName: name, password: new Secret(password) };
}
