import { randomUUID } from 'node:crypto';
import { json, type Answer } from './call.ts';

/** How the token endpoint refuses: the OAuth error beside the number, and what the real system is documented to say. */
interface Refusal {
  readonly error: string;
  readonly status?: number;
  readonly suberror?: string;
  readonly text: string;
}

const REFUSALS: Readonly<Record<number, Refusal>> = {
  50011: { error: 'invalid_request', text: 'The redirect URI does not match those of the application.' },
  50013: {
    error: 'invalid_grant',
    text: 'Assertion is not within its valid time range, or its signature is wrong.',
  },
  50034: { error: 'invalid_grant', text: 'The user account does not exist in the directory.' },
  50053: { error: 'invalid_grant', text: 'The account is locked.' },
  50055: { error: 'invalid_grant', text: 'The password is expired.' },
  50057: { error: 'invalid_grant', text: 'The user account is disabled.' },
  50059: { error: 'invalid_request', text: 'No tenant-identifying information found.' },
  50074: { error: 'invalid_grant', suberror: 'basic_action', text: 'Strong authentication is required.' },
  50076: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: 'You must use multi-factor authentication to access the resource.',
  },
  50079: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: 'You must enroll in multi-factor authentication to access the resource.',
  },
  50097: { error: 'interaction_required', text: 'Device authentication is required.' },
  50105: {
    error: 'interaction_required',
    text: 'The signed in user is not assigned to a role for the application.',
  },
  50133: {
    error: 'invalid_grant',
    text: 'The session is not valid due to password expiration or recent change.',
  },
  50147: { error: 'invalid_request', text: 'The code challenge parameter is missing or of a wrong size.' },
  50158: { error: 'interaction_required', text: 'External security challenge was not satisfied.' },
  50173: {
    error: 'invalid_grant',
    text: 'The provided grant has expired due to it being revoked, a fresh auth token is needed.',
  },
  50196: { error: 'invalid_grant', text: 'A client loop has been detected.' },
  53000: { error: 'interaction_required', text: 'The device is not compliant.' },
  53001: { error: 'interaction_required', text: 'The device is not domain joined.' },
  53002: { error: 'interaction_required', text: 'The application is not an approved one.' },
  53003: {
    error: 'invalid_grant',
    suberror: 'message_only',
    text: 'Access has been blocked by Conditional Access policies.',
  },
  54005: { error: 'invalid_grant', text: 'The authorization code was already redeemed.' },
  65001: {
    error: 'invalid_grant',
    suberror: 'consent_required',
    text: 'The user or administrator has not consented to use the application.',
  },
  65004: { error: 'access_denied', text: 'The user declined to consent to access the app.' },
  70000: { error: 'invalid_grant', text: 'The provided value for the input parameter is not valid.' },
  70003: { error: 'unsupported_grant_type', text: 'The app requested an unsupported grant type.' },
  70008: { error: 'invalid_grant', text: 'The provided authorization code or refresh token has expired.' },
  70011: { error: 'invalid_scope', text: "The provided value for the input parameter 'scope' is not valid." },
  70016: { error: 'authorization_pending', text: 'Authorization is pending.' },
  70018: { error: 'bad_verification_code', text: 'The device code is not known.' },
  70019: { error: 'expired_token', text: 'The verification code has expired.' },
  70021: { error: 'invalid_client', status: 401, text: 'No matching federated identity record found.' },
  70043: {
    error: 'invalid_grant',
    suberror: 'token_expired',
    text: 'The refresh token has expired or is invalid due to sign-in frequency checks.',
  },
  90002: { error: 'invalid_request', text: 'Tenant not found.' },
  90033: { error: 'temporarily_unavailable', status: 503, text: 'The directory service is not available.' },
  90055: { error: 'temporarily_unavailable', status: 429, text: 'There are too many incoming requests.' },
  90094: { error: 'consent_required', text: 'Administrator consent is required.' },
  501481: { error: 'invalid_grant', text: 'The Code_Verifier does not match the code_challenge.' },
  700016: { error: 'unauthorized_client', text: 'The application was not found in the directory.' },
  700023: { error: 'invalid_client', status: 401, text: 'The audience of the client assertion is wrong.' },
  700024: {
    error: 'invalid_client',
    status: 401,
    text: 'Client assertion is not within its valid time range.',
  },
  700025: {
    error: 'invalid_client',
    status: 401,
    text: 'Client is public and must not present a credential.',
  },
  700027: {
    error: 'invalid_client',
    status: 401,
    text: 'The key of the client assertion is not registered.',
  },
  700082: { error: 'invalid_grant', text: 'The refresh token has expired due to inactivity.' },
  900144: { error: 'invalid_request', text: 'The request body must contain a parameter that is missing.' },
  7000112: { error: 'unauthorized_client', text: 'The application is disabled.' },
  7000215: { error: 'invalid_client', status: 401, text: 'Invalid client secret provided.' },
  7000218: {
    error: 'invalid_client',
    status: 401,
    text: "The request body must contain 'client_assertion' or 'client_secret'.",
  },
  7000222: { error: 'invalid_client', status: 401, text: 'The provided client secret keys are expired.' },
};

/** What an error body of the token endpoint holds. */
export function refusalBody(code: number, now: number, login: string): Record<string, unknown> {
  const { error, text, suberror } = refusalOf(code);
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = new Date(now).toISOString().replace('T', ' ').slice(0, 19) + 'Z';
  return {
    error,
    error_description: `AADSTS${code}: ${text}\r\nTrace ID: ${trace}\r\nCorrelation ID: ${correlation}\r\nTimestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `${login}/error?code=${code}`,
    ...(suberror === undefined ? {} : { suberror }),
    ...(suberror === 'basic_action'
      ? { claims: '{"access_token":{"capolids":{"essential":true,"values":["fake-policy"]}}}' }
      : {}),
  };
}

/** The token endpoint's refusal with this AADSTS number. */
export function refuse(code: number, now: number, login: string): Answer {
  const answer = json(refusalBody(code, now, login), refusalOf(code).status ?? 400);
  return refusalOf(code).status === 429
    ? { ...answer, headers: { ...answer.headers, 'retry-after': '7' } }
    : answer;
}

function refusalOf(code: number): Refusal {
  return REFUSALS[code] ?? { error: 'invalid_grant', text: 'The fake knows no text for this number.' };
}

/** An OAuth error that has no number of its own. */
export function plainRefusal(error: string, description: string): Answer {
  return json({ error, error_description: description }, 400);
}
