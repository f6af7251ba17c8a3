import { json, type Answer } from './call.ts';

interface ErrorText {
  readonly message: string;
  readonly details?: string;
  readonly recommendedActions?: readonly string[];
  readonly data?: Readonly<Record<string, string>>;
  readonly messageParameters?: readonly string[];
}

/** An error body with all the fields that appliances send. */
export function errorAnswer(status: number, errorCode: string, text: ErrorText): Answer {
  return json(
    {
      errorCode,
      message: text.message,
      details: text.details ?? '',
      recommendedActions: text.recommendedActions ?? [],
      errorSource: null,
      nestedErrors: [],
      data: text.data ?? {},
      messageParameters: text.messageParameters ?? [],
    },
    status,
  );
}

// Texts that appliances are known to send; the code of a wrong version is assumed.

/** A dead token and a missing right alike. */
export const authorization = (): Answer =>
  errorAnswer(401, 'AUTHORIZATION', {
    message: 'Authorization error: User not authorized for this operation.',
    details: 'User not authorized for this operation.',
    recommendedActions: [
      'Please verify your credentials and re-authenticate before attempting the operation again.',
    ],
  });

export const wrongCredentials = (errorCode: 'AUTHN_AUTH_FAIL' | 'AUTHN_AUTH_DIR_FAIL'): Answer =>
  errorAnswer(400, errorCode, {
    message: 'Invalid username or password or directory.',
    recommendedActions: [
      'Enter correct credentials and try again. To obtain a username or password, contact your administrator.',
    ],
  });

export const clientLimit = (status: number, address: string): Answer =>
  errorAnswer(status, 'AUTHN_SESSION_CLIENT_LIMIT_CROSSED', {
    message: `Login denied. The client ${address} has too many active sessions.`,
    details: `The client ${address} has the maximum number of active sessions allowed.`,
    recommendedActions: [
      'Log out of sessions that are not needed, log in from another address, raise the limit, or wait until idle sessions end after 24 hours.',
    ],
    data: { clientip: address },
    messageParameters: [address],
  });

export const invalidVersion = (version: string, highest: number): Answer =>
  errorAnswer(412, 'INVALID_API_VERSION', {
    message: 'The specified API version is not valid.',
    details: `The request contained an invalid X-API-Version header of ${version}. Only values 1 through ${highest} are accepted.`,
    recommendedActions: ['Check the value of the X-API-Version header, then resend the request.'],
  });

export const localLoginDisabled = (status: number): Answer =>
  errorAnswer(status, 'AUTHN_LOCAL_LOGIN_DISABLED', {
    message: 'Local user authentication was disabled by the appliance security administrator.',
  });

// Known codes; the texts are assumed.

export const insufficientPrivileges = (): Answer =>
  errorAnswer(401, 'INSUFFICIENT_PRIVILEGES', {
    message: 'The user has insufficient privilege for operation.',
  });

export const unknownDirectory = (status: number, domain: string): Answer =>
  errorAnswer(status, 'AUTHN_AUTH_FAIL_LOGINDOMAINNOTFOUND', {
    message: `The directory ${domain} was not found.`,
    recommendedActions: ['Choose one of the configured directories. Their names are case-sensitive.'],
    messageParameters: [domain],
  });

export const unableToAuthenticate = (status: number): Answer =>
  errorAnswer(status, 'AUTHN_UNABLE_AUTH', { message: 'The authentication could not be performed.' });

export const noRoles = (
  errorCode: 'AUTHN_AUTH_FAIL_NO_ROLES' | 'AUTHN_LOGINDOMAIN_NO_MEMBER_GROUPS_FOUND',
): Answer => errorAnswer(400, errorCode, { message: 'The user has no role on this appliance.' });

export const acknowledgmentRequired = (loginMessage: string): Answer =>
  errorAnswer(400, 'AUTHN_LOGIN_MESSAGE_ACKNOWLEDGMENT_REQUIRED', {
    message: 'The login message must be acknowledged.',
    details: `Message: ${loginMessage}`,
  });

export const passwordChangeRequired = (): Answer =>
  errorAnswer(403, 'PASSWORD_CHANGE_REQUIRED', {
    message: 'The password must be changed before the first login.',
  });

export const logoutFailed = (): Answer =>
  errorAnswer(400, 'AUTHN_LOGOUT_FAILED', { message: 'The logout failed. The session is not valid.' });

export const sessionNotFound = (): Answer =>
  errorAnswer(404, 'RESOURCE_NOT_FOUND', { message: 'The session was not found.' });

export const invalidSession = (status: number): Answer =>
  errorAnswer(status, 'Session.INVALID', { message: 'The session is not valid.' });

export const pathNotFound = (path: string): Answer =>
  errorAnswer(404, 'GENERIC_HTTP_404', { message: `The resource ${path} was not found.` });

// Codes and texts are assumed; the statuses are known.

export const applianceLimit = (status: number): Answer =>
  errorAnswer(status, 'AUTHN_SESSION_CRITICAL_LIMIT_CROSSED', {
    message: 'Login denied. The appliance has too many active sessions.',
  });

export const methodNotAllowed = (method: string): Answer =>
  errorAnswer(405, 'GENERIC_HTTP_405', { message: `The method ${method} is not supported.` });

export const invalidRequest = (message: string): Answer => errorAnswer(400, 'INVALID_REQUEST', { message });

export const bodyTooLarge = (): Answer =>
  errorAnswer(413, 'GENERIC_HTTP_413', { message: 'The request body is too large.' });

export const unsupportedMediaType = (): Answer =>
  errorAnswer(415, 'GENERIC_HTTP_415', {
    message: 'The media type of the request body is not supported.',
    details: 'application/json',
  });

export const busy = (): Answer =>
  errorAnswer(503, 'GENERIC_HTTP_503', { message: 'The appliance is starting. Try again later.' });
