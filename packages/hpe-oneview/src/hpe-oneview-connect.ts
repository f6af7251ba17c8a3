import {
  DisconnectError,
  type ConnectContext,
  type JsonObject,
  type Logger,
  type Opened,
  type Secret,
} from '@slipline/core';
import { tokenOf, type OneViewClient } from './hpe-oneview-client.ts';
import { mustAcknowledge, withoutEffect } from './hpe-oneview-errors.ts';
import { KIND } from './hpe-oneview-inventory.ts';
import { loginName, principalOf, type LoginName } from './hpe-oneview-login.ts';
import { verdictOf } from './hpe-oneview-logout.ts';
import type { ConnectValues } from './plugin.ts';

/** Milliseconds to end a session that could not be written down. */
const LAST_TRY = 5000;

/** Opens a session. The credential is asked for, and leaves, only after the appliance has shown that it is one. */
export async function logIn(
  client: OneViewClient,
  values: ConnectValues,
  context: ConnectContext,
  log: Logger,
): Promise<Opened> {
  const { appliance, authLoginDomain, idleTimeout, loginAcknowledge = false } = values;
  const { signal } = context;
  const details = await client.loginDetails(signal);
  const { text: loginMessage, mustBeAcknowledged } = details.loginMessage;
  if (mustBeAcknowledged && !loginAcknowledge) throw mustAcknowledge(loginMessage);
  if (loginMessage !== '') log.info(loginMessage, { system: appliance });
  const credential = await context.credential(appliance).catch((error: unknown) => {
    throw withoutEffect(error);
  });
  if (credential === undefined) throw noCredential();
  const who = loginName(credential.userName, authLoginDomain, details);
  const login = { ...who, password: credential.password, isMessageAcknowledged: loginAcknowledge };
  const token = await client.logIn(login, signal);
  const opened = connection(appliance, who, token, client, loginMessage === '' ? {} : { loginMessage });
  try {
    await context.keep(opened);
  } catch (error) {
    throw await letGo(client, token, error);
  }
  if (idleTimeout === undefined) return opened;
  await client.setIdleTimeout(token, idleTimeout, signal);
  return { ...opened, details: { ...opened.details, idleTimeout } };
}

/** Nobody would know of a session that cannot be written down, so it is ended at once. */
async function letGo(client: OneViewClient, token: Secret, cause: unknown): Promise<DisconnectError> {
  const { code, message, next } = DisconnectError.from(cause);
  const reply = await client.logOut(token, AbortSignal.timeout(LAST_TRY)).catch(() => undefined);
  const hasEnded = reply !== undefined && ['ended', 'gone'].includes(verdictOf(reply));
  const fate = hasEnded ? 'it was ended again' : 'it may live on until its idle time-out';
  return new DisconnectError(code, `the session was opened, but not written down, and ${fate}: ${message}`, {
    cause,
    next,
    mayHaveTakenEffect: !hasEnded,
  });
}

/** Takes over a session that another program opened, once the appliance has said that it lives. */
export async function adopt(
  client: OneViewClient,
  appliance: string,
  sessionId: Secret,
  context: ConnectContext,
): Promise<Opened> {
  const token = tokenOf(sessionId.reveal());
  if (token === undefined) {
    throw new DisconnectError('invalid-request', 'this cannot be the id of a session', {
      next: 'give it alone, without quotes, line breaks or the name of its header',
    });
  }
  const facts = await client.session(token, context.signal);
  if (facts === undefined) {
    throw new DisconnectError('unauthenticated', 'the appliance has no session with this id', {
      next: 'it may have ended, expired, or belong to another appliance: connect with a user name instead',
    });
  }
  const who = { userName: facts.userName ?? 'somebody', authLoginDomain: facts.loginDomain };
  return { ...connection(appliance, who, token, client), ownership: 'adopted' };
}

function connection(
  appliance: string,
  who: LoginName,
  secret: Secret,
  { version }: OneViewClient,
  facts: JsonObject = {},
): Opened {
  const { userName, authLoginDomain } = who;
  return {
    endpoint: appliance,
    kind: KIND,
    label: `${userName} on ${appliance}`,
    principal: principalOf(who),
    ownership: 'opened',
    effects: ['end'],
    details: {
      name: appliance,
      userName,
      ...(authLoginDomain !== undefined && { authLoginDomain }),
      ...(version !== undefined && { apiVersion: version }),
      ...facts,
    },
    secret,
  };
}

function noCredential(): DisconnectError {
  return new DisconnectError('unauthenticated', 'no user name and password to log in with', {
    next: 'give --user-name and --password-stdin, or connect at a terminal to be asked',
  });
}
