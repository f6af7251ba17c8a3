import type { Secret } from '@slipline/core';
import type { OneViewClient, SessionFacts } from './hpe-oneview-client.ts';
import { ApplianceError } from './hpe-oneview-reply.ts';
import { negotiate } from './hpe-oneview-versions.ts';

/** What it takes to ask an appliance about one session, or with it. */
export interface Handle {
  readonly client: OneViewClient;
  readonly token: Secret;
}

/** What the appliance says of a session that lives, `undefined` once it is gone. Asking does not renew it. */
export async function lookUp(
  { client, token }: Handle,
  signal: AbortSignal,
): Promise<SessionFacts | undefined> {
  try {
    return await client.session(token, signal);
  } catch (error) {
    // An update since the session was opened may have dropped the version that it was opened with.
    if (!(error instanceof ApplianceError) || error.status !== 412) throw error;
    return client.speaking(negotiate(await client.versions(signal))).session(token, signal);
  }
}
