import { DisconnectError, type JsonObject, type Session, type SessionState } from '@slipline/core';
import type { WsmanClient } from './wsman-client.ts';
import { NS, RESOURCE } from './wsman-namespaces.ts';
import { listShells } from './wsman-shells.ts';
import { textOf } from './wsman-xml.ts';

/** What is known of a connection now, and why that is not more. */
export interface Look {
  readonly session: Session;
  readonly error?: DisconnectError | undefined;
}

/** How a connection fares: whether its computer lets this user in, and how many shells the user has and may have. */
export async function lookAt(
  connection: Session,
  open: () => Promise<WsmanClient>,
  signal: AbortSignal,
): Promise<Look> {
  try {
    const client = await open();
    const { productVersion } = await client.identify(signal);
    const details = productVersion === undefined ? {} : { productVersion };
    const shells = await quotaOf(client, connection.principal, signal);
    return {
      session: { ...connection, state: 'live', details: { ...connection.details, ...details, ...shells } },
    };
  } catch (error) {
    const known = DisconnectError.from(error);
    return { session: { ...connection, state: stateAfter(known) }, error: known };
  }
}

function stateAfter({ code }: DisconnectError): SessionState {
  return ['unauthenticated', 'forbidden', 'untrusted'].includes(code) ? 'broken' : 'unknown';
}

/** Only an administrator may read the limit; what may not be read is `unknown`. */
async function quotaOf(
  client: WsmanClient,
  principal: string | undefined,
  signal: AbortSignal,
): Promise<JsonObject> {
  try {
    const shells = await listShells(client, signal);
    const own = shells.filter(({ owner }) => bare(owner) === bare(principal)).length;
    return { shells: own, shellsAllowed: await allowed(client, signal) };
  } catch {
    signal.throwIfAborted();
    return { shells: 'unknown', shellsAllowed: 'unknown' };
  }
}

async function allowed(client: WsmanClient, signal: AbortSignal): Promise<number | 'unknown'> {
  try {
    const text =
      textOf(await client.get(RESOURCE.winrs, undefined, signal), NS.cfg, 'MaxShellsPerUser') ?? '';
    return /^\d{1,10}$/.test(text) ? Number(text) : 'unknown';
  } catch {
    signal.throwIfAborted();
    return 'unknown';
  }
}

/** The name without its domain, as services write it either way. */
function bare(name = ''): string {
  return name
    .slice(name.indexOf('\\') + 1)
    .replace(/@.*$/, '')
    .toLowerCase();
}
