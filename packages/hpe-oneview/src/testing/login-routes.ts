import {
  acknowledgmentRequired,
  applianceLimit,
  authorization,
  clientLimit,
  invalidRequest,
  invalidSession,
  localLoginDisabled,
  logoutFailed,
  noRoles,
  passwordChangeRequired,
  pathNotFound,
  sessionNotFound,
  unableToAuthenticate,
  unknownDirectory,
  wrongCredentials,
} from './appliance-errors.ts';
import { header, json, jsonObject, type Answer, type Call, type Routes } from './call.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { Session } from './session-store.ts';
import { LOCAL, VERSION_WITH_SECOND_LOGIN_MESSAGE, type Settings, type User } from './settings.ts';

/** The way in and out: who may log in, logging in, reconnecting, logging out. */
export const loginRoutes: Routes = {
  'GET /rest/version': {
    access: 'anonymous',
    handle: (_call, { settings: { currentVersion, minimumVersion } }) =>
      json({ currentVersion, minimumVersion }),
  },
  'GET /rest/logindetails': {
    access: 'anonymous',
    handle: (_call, { settings }) => json(loginDetails(settings)),
  },
  'POST /rest/login-sessions': { access: 'anonymous', handle: logIn },
  'POST /rest/login-sessions/smartcards': { access: 'anonymous', handle: logInByCertificate },
  'PUT /rest/login-sessions': { access: 'token', handle: reconnect },
  // Says more about a token than that it is not alive, so it looks at the token itself.
  'DELETE /rest/login-sessions': { access: 'anonymous', handle: logOut },
};

function loginDetails(settings: Settings) {
  const names = [LOCAL, ...settings.loginDomains.map(({ name }) => name)];
  return {
    type: 'LoginDetails',
    allowLocalLogin: settings.allowLocalLogin,
    defaultLoginDomain: settings.defaultLoginDomain,
    configuredLoginDomains: names.map((name) => ({
      type: 'LoginDomainDetails',
      name,
      loginDomain: name,
      authProtocol: settings.loginDomains.find((domain) => domain.name === name)?.authProtocol ?? name,
      uri: name === LOCAL ? null : `/rest/logindomains/${encodeURIComponent(name)}`,
    })),
    loginMessage: settings.loginMessage,
    ...(settings.currentVersion >= VERSION_WITH_SECOND_LOGIN_MESSAGE
      ? { loginMessageVersion600: settings.loginMessage }
      : {}),
  };
}

function logIn(call: Call, appliance: ApplianceState): Answer {
  const { settings } = appliance;
  const { userName, password, authLoginDomain, loginMsgAck: isAcknowledged } = jsonObject(call) ?? {};
  if (typeof userName !== 'string' || typeof password !== 'string') {
    return invalidRequest('The request body must be a JSON object with userName and password.');
  }
  const refusal = refuseMessage(settings, isAcknowledged === true);
  if (refusal !== undefined) return refusal;

  const domain =
    typeof authLoginDomain === 'string' && authLoginDomain !== ''
      ? authLoginDomain
      : settings.defaultLoginDomain;
  const user = authenticate(settings, userName, password, domain);
  if ('status' in user) return user;
  const session = openFor(user, call, appliance);
  return 'status' in session ? session : json({ partnerData: {}, sessionID: session.token });
}

function logInByCertificate(call: Call, appliance: ApplianceState): Answer {
  const { settings } = appliance;
  if (!appliance.hasSmartCards) return pathNotFound(call.path);
  const refusal = refuseMessage(settings, header(call, 'x-loginmsgack')?.toLowerCase() === 'true');
  if (refusal !== undefined) return refusal;

  const name = call.certificateName();
  const user = settings.users.find(({ userName }) => userName.toLowerCase() === name?.toLowerCase());
  if (user === undefined) return wrongCredentials('AUTHN_AUTH_FAIL');
  const session = openFor(user, call, appliance);
  if ('status' in session) return session;
  return json({ userName: session.userName, authLoginDomain: session.loginDomain, sessionId: session.token });
}

function refuseMessage({ loginMessage }: Settings, isAcknowledged: boolean): Answer | undefined {
  return loginMessage.acknowledgment && !isAcknowledged
    ? acknowledgmentRequired(loginMessage.message)
    : undefined;
}

function authenticate(settings: Settings, userName: string, password: string, domain: string): User | Answer {
  const { statuses } = settings;
  const isLocal = domain === LOCAL;
  const directory = settings.loginDomains.find(({ name }) => name === domain);
  if (!isLocal && directory === undefined) {
    return unknownDirectory(statuses.AUTHN_AUTH_FAIL_LOGINDOMAINNOTFOUND, domain);
  }
  if (isLocal && !settings.allowLocalLogin) return localLoginDisabled(statuses.AUTHN_LOCAL_LOGIN_DISABLED);
  if (directory?.isReachable === false) return unableToAuthenticate(statuses.AUTHN_UNABLE_AUTH);

  const wanted = userName.toLowerCase();
  const user = settings.users.find(
    (candidate) => candidate.userName.toLowerCase() === wanted && domainOf(candidate) === domain,
  );
  if (user?.password === password) return user;
  return wrongCredentials(isLocal ? 'AUTHN_AUTH_FAIL' : 'AUTHN_AUTH_DIR_FAIL');
}

/** A session for somebody who has proved who they are, unless something else is in the way. */
function openFor(user: User, call: Call, { settings, sessions }: ApplianceState): Session | Answer {
  const { statuses, limits, idleTimeout } = settings;
  const loginDomain = domainOf(user);
  const roles = rolesOf(user);
  if (user.mustChangePassword === true) return passwordChangeRequired();
  if (roles.length === 0) {
    return noRoles(
      loginDomain === LOCAL ? 'AUTHN_AUTH_FAIL_NO_ROLES' : 'AUTHN_LOGINDOMAIN_NO_MEMBER_GROUPS_FOUND',
    );
  }
  if (sessions.openCount >= limits.appliance) {
    return applianceLimit(statuses.AUTHN_SESSION_CRITICAL_LIMIT_CROSSED);
  }
  if (sessions.openCountOf(call.clientAddress) >= limits.client) {
    return clientLimit(statuses.AUTHN_SESSION_CLIENT_LIMIT_CROSSED, call.clientAddress);
  }
  return sessions.open(ownerOf(user, call.clientAddress), idleTimeout);
}

/** A user's session as the store wants it: every role active, limited to no scope. */
export function ownerOf(user: User, clientAddress: string) {
  const permissions = rolesOf(user).map((roleName) => ({ roleName, scopeUri: null, active: true }));
  return { userName: user.userName, loginDomain: domainOf(user), clientAddress, permissions };
}

function domainOf(user: User): string {
  return user.loginDomain ?? LOCAL;
}

function rolesOf(user: User): readonly string[] {
  return user.roles ?? ['Infrastructure administrator'];
}

function reconnect(call: Call, { sessions, settings }: ApplianceState, session: Session): Answer {
  if (call.body !== '' && call.body.trim() !== 'null')
    return invalidRequest('The request body must be empty.');
  if (!settings.reconnectRenewsToken) return json({ partnerData: {}, sessionID: session.token });
  sessions.end(session.token, 'rotated');
  return json({ partnerData: {}, sessionID: sessions.open(session, session.idleMs).token });
}

function logOut(call: Call, { sessions, settings }: ApplianceState): Answer {
  const token = header(call, 'auth');
  if (token === undefined) return authorization();
  if (sessions.find(token) !== undefined) {
    sessions.end(token, 'logout');
    return { status: 204 };
  }
  switch (settings.unknownTokenAtLogout) {
    case 'AUTHN_LOGOUT_FAILED':
      return logoutFailed();
    case 'AUTHORIZATION':
      return authorization();
    case 'RESOURCE_NOT_FOUND':
      return sessionNotFound();
    case 'Session.INVALID':
      return invalidSession(settings.statuses['Session.INVALID']);
  }
}
