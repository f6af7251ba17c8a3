import { DisconnectError, type Clock, type Disconnected, type Secret } from '@slipline/core';
import type { OneViewClient } from './hpe-oneview-client.ts';
import { ApplianceError, errorCodeOf, type Reply } from './hpe-oneview-reply.ts';
import { applianceError } from './hpe-oneview-errors.ts';
import { isSpoken, negotiate } from './hpe-oneview-versions.ts';

/**
 * What an answer to a logout says: the session has `ended` now, or was `gone`; a 401 is `ambiguous`, since a dead token
 * and a missing right get the same; a 404 or 412 may be about the `version` rather than the session; a `busy` appliance
 * takes no requests yet; `refused` leaves the session as it was; with `unknown` nobody can say.
 */
export type Verdict = 'ended' | 'gone' | 'ambiguous' | 'version' | 'busy' | 'refused' | 'unknown';

export function verdictOf(reply: Reply): Verdict {
  const { status, body } = reply;
  const errorCode = errorCodeOf(reply);
  if (status === 204) return 'ended';
  if (status === 200) return body !== 'other' && errorCode === undefined ? 'ended' : 'unknown';
  if (status === 503) return 'busy';
  if (status === 401) return 'ambiguous';
  if (status < 400 || status >= 500 || body === 'other') return 'unknown';
  if (errorCode === 'Session.INVALID') return 'gone';
  if (status === 400 && errorCode === 'AUTHN_LOGOUT_FAILED') return 'gone';
  return status === 404 || status === 412 ? 'version' : 'refused';
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;

/** Ends the session of `token`: one request, unless the answer leaves open what became of it. Waits only until `signal`. */
export async function endSession(
  client: OneViewClient,
  token: Secret,
  clock: Clock,
  signal: AbortSignal,
): Promise<Disconnected> {
  const reply = await client.logOut(token, signal);
  const verdict = verdictOf(reply);
  switch (verdict) {
    case 'ended':
      return { wasGone: false };
    case 'gone':
      return { wasGone: true };
    case 'ambiguous':
      return settle(client, token, reply, signal);
    case 'version':
      return withVersion(client, token, reply, clock, signal);
    case 'busy':
      await untilStarted(client, clock, signal);
      return endSession(client, token, clock, signal);
    case 'refused':
    case 'unknown':
      throw applianceError(new ApplianceError('logout', reply, [token]));
    default:
      return verdict satisfies never;
  }
}

/** Asks whether the session lives after all. */
async function settle(
  client: OneViewClient,
  token: Secret,
  reply: Reply,
  signal: AbortSignal,
): Promise<Disconnected> {
  const refusal = new ApplianceError('logout', reply, [token]);
  const details = { operation: 'logout', status: reply.status };
  try {
    if ((await client.session(token, signal)) === undefined) return { wasGone: true };
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    const what = 'the appliance refuses the logout and does not say whether the session lives';
    throw new DisconnectError('protocol', what, { cause: error, details, next: 'try again later' });
  }
  const said = refusal.said === '' ? '' : `: ${refusal.said}`;
  throw new DisconnectError('forbidden', `the session lives, but the appliance refuses to end it${said}`, {
    cause: refusal,
    details,
    next: 'end it at the web page of the appliance, or let it run into its idle time-out',
  });
}

/** A 404 says that the session is gone only if the appliance is one, and takes the version that was sent. */
async function withVersion(
  client: OneViewClient,
  token: Secret,
  reply: Reply,
  clock: Clock,
  signal: AbortSignal,
): Promise<Disconnected> {
  const refusal = new ApplianceError('logout', reply, [token]);
  const versions = await client.versions(signal);
  const isKnown = client.version !== undefined && isSpoken(versions, client.version);
  if (isKnown && reply.status === 404) return { wasGone: true };
  if (isKnown) throw applianceError(refusal);
  return endSession(client.speaking(negotiate(versions)), token, clock, signal);
}

/** An appliance that restarts may also refuse connections for a while. */
async function untilStarted(client: OneViewClient, clock: Clock, signal: AbortSignal): Promise<void> {
  let percent = 0;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      await clock.sleep(pause, signal);
      const startup = await client.startup(signal);
      if (startup.isDone) return;
      percent = startup.percent;
    } catch (error) {
      if (signal.aborted) throw stillStarting(signal, percent);
      if (!DisconnectError.is(error) || error.code !== 'unreachable') throw error;
    }
  }
}

function stillStarting(signal: AbortSignal, percent: number): DisconnectError {
  const { code, next } = DisconnectError.from(signal.reason);
  return new DisconnectError(code, `the appliance is still starting (${percent} %): nothing was ended`, {
    cause: signal.reason,
    next,
  });
}
