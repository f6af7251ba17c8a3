import { DisconnectError, type Session } from '@slipline/core';
import type { Context, Invocation } from './command.ts';
import { usage } from './arguments/usage.ts';
import { sessionAddress } from './output/outcomes.ts';

/** The one session that is meant: what is named, else the default. */
export async function chosenSession(
  { provider, values }: Pick<Invocation, 'provider' | 'values'>,
  { slipline, signal }: Context,
): Promise<Session> {
  if (provider === undefined)
    throw usage('access needs to know which session', 'slipline ls shows what there is');
  const isNamed = Object.keys(values).length > 0;
  const list = await (await slipline()).sessions({ provider, signal, ...(isNamed && { selector: values }) });
  const [problem] = list.problems;
  if (problem !== undefined) throw problem.error;
  const found = isNamed ? list.sessions : list.sessions.filter((session) => session.isDefault === true);
  const [session, another] = found;
  if (session === undefined) {
    throw new DisconnectError(
      'not-found',
      `there is no session of ${provider}${isNamed ? ' that matches' : ''}`,
      {
        next: `slipline connect ${provider} opens one`,
      },
    );
  }
  if (another === undefined) return session;
  const names = found.slice(0, 10).map(sessionAddress).join(', ');
  throw usage(`${found.length} sessions match`, `name one of: ${names}`);
}
