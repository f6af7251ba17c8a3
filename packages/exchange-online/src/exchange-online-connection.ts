import {
  Secret,
  type CallContext,
  type Clock,
  type JsonObject,
  type Session,
  type SessionRef,
} from '@slipline/core';
import {
  clientOf,
  isHostOf,
  partitionWithin,
  readKept,
  readPartition,
  type IdentityClient,
  type KeptServices,
  type KeptSignIn,
} from '@slipline/microsoft-identity';
import { scopeOf, type Service } from './connection-place.ts';
import { factOf, lasting } from './connection-record.ts';
import { ExchangeClient } from './exchange-online-client.ts';

/** Which mailbox stands for an organization where nobody in particular asks. */
const SYSTEM_MAILBOX = 'SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}';

/** A session, or what is about to be one. */
export type Known = SessionRef & Pick<Session, 'details'>;

/** What the ledger keeps of one connection, put to use. */
export interface Connection {
  readonly kept: KeptSignIn;
  readonly identity: IdentityClient;
}

/** Reads what is kept, and stores again what a refresh brings. */
export async function openConnection(
  session: Known,
  context: CallContext,
  services: KeptServices,
): Promise<Connection> {
  const kept = readKept((await context.secret(session)).reveal());
  const partition = partitionWithin({
    read: async () => (await context.secret(session)).reveal(),
    replace: (change) =>
      context.renew(session, async (current) => {
        const text = await change(current.reveal());
        return text === undefined
          ? undefined
          : { secret: new Secret(text), details: { ...lasting(session.details), ...tokenFacts(text) } };
      }),
  });
  return { kept, identity: clientOf(kept, partition, services) };
}

/** A token for the service itself, fresh where the kept one is about to end. */
export async function tokenOf(
  { kept, identity }: Connection,
  session: Known,
  asked: { readonly claims?: string | undefined; readonly signal: AbortSignal },
): Promise<Secret> {
  const scopes = [scopeOf(kept.environment, serviceOf(session))];
  return new Secret((await identity.acquire({ scopes, ...asked })).accessToken);
}

/** The service, as this connection may use it. */
export function clientFor(
  connection: Connection,
  session: Known,
  { fetch, clock }: Pick<KeptServices, 'fetch'> & { readonly clock: Clock },
): ExchangeClient {
  const { pageSize } = session.details;
  return new ExchangeClient({
    origin: factOf(session, 'connectionUri'),
    tenantId: factOf(session, 'tenantID'),
    pageSize: typeof pageSize === 'number' ? pageSize : undefined,
    connectionId: session.id,
    anchorMailbox: anchorOf(session),
    isOwnHost: (address) => isHostOf(connection.kept.environment, address),
    token: (asked) => tokenOf(connection, session, asked),
    fetch,
    clock,
  });
}

/** Asks the service whether it runs and takes the token; rejects with what it says instead. Gives what is new of the token. */
export async function ping(
  session: Known,
  context: CallContext,
  services: KeptServices & { readonly clock: Clock },
): Promise<JsonObject> {
  const connection = await openConnection(session, context, services);
  await clientFor(connection, session, services).ping(context.signal);
  return tokenFacts((await context.secret(session)).reveal());
}

/** `X-AnchorMailbox`: by which mailbox the service finds the right server. */
export function anchorOf(session: Known): string {
  const [userName, tenantId, organization] = ['userPrincipalName', 'tenantID', 'organization'].map((name) =>
    factOf(session, name),
  );
  if (userName) return `UPN:${userName}`;
  return serviceOf(session) === 'ipps'
    ? `UPN:${SYSTEM_MAILBOX}@${organization || tenantId}`
    : `APP:${SYSTEM_MAILBOX}@${tenantId}`;
}

export function serviceOf({ details }: Pick<Session, 'details'>): Service {
  return details['isEopSession'] === true ? 'ipps' : 'exchange';
}

function tokenFacts(text: string): JsonObject {
  const { partition } = readKept(text);
  const expiresAt = partition === undefined ? undefined : readPartition(partition).expiresAt;
  return { tokenExpiryTimeUTC: expiresAt === undefined ? null : new Date(expiresAt).toISOString() };
}
