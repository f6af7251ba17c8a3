import type { IdentityErrorCode } from './errors.ts';

/** What a refusal means to the person who reads it. */
export interface Meaning {
  readonly code: IdentityErrorCode;
  readonly what: string;
  readonly next: string;
}

const AGAIN = 'sign in again';
const ADMINISTRATOR = 'ask an administrator of the tenant';

const mfa = (what: string): Meaning => ({
  code: 'mfa-required',
  what,
  next: `${AGAIN} in a browser and answer the second factor`,
});
const policy = (
  what: string,
  next = `${ADMINISTRATOR} which Conditional Access policy applies`,
): Meaning => ({
  code: 'blocked-by-policy',
  what,
  next,
});
const consent = (what: string, next: string): Meaning => ({ code: 'consent-required', what, next });
const revoked = (what: string): Meaning => ({ code: 'grant-revoked', what, next: AGAIN });
const expired = (what: string): Meaning => ({ code: 'grant-expired', what, next: AGAIN });
const account = (what: string, next = ADMINISTRATOR): Meaning => ({ code: 'account-refused', what, next });
const wrong = (what: string, next: string): Meaning => ({ code: 'wrong-credential', what, next });
const application = (what: string, next: string): Meaning => ({
  code: 'application-misconfigured',
  what,
  next,
});
const busy = (what: string): Meaning => ({ code: 'throttled', what, next: 'wait a moment, then try again' });
const down = (what: string): Meaning => ({ code: 'unavailable', what, next: 'try again later' });

const REGISTRATION = "correct it in the application's registration in the Entra admin center";
const CERTIFICATE =
  "upload this certificate to the application's registration, or use the one that is registered";

/** By AADSTS number (Microsoft's page "Authentication and authorization error codes"). */
export const MEANINGS: Readonly<Record<number, Meaning>> = {
  // Second factors.
  50072: mfa('the person must register for multi-factor authentication'),
  50074: mfa('multi-factor authentication is required'),
  50076: mfa('multi-factor authentication is required'),
  50078: mfa('the multi-factor authentication has expired'),
  50079: mfa('the person must register for multi-factor authentication'),
  53004: mfa('the person must register for multi-factor authentication, and is held up by a risk'),
  500121: mfa('the second factor was not answered'),
  // Conditional Access and its like.
  50005: policy('this platform is not among those that Conditional Access allows'),
  50097: policy(
    'this device must authenticate itself',
    'sign in from a device that your organization manages',
  ),
  50129: policy(
    'this device must be joined to the workplace',
    'sign in from a device that your organization manages',
  ),
  50131: policy('Conditional Access refused the sign-in'),
  50158: policy(
    'an external security challenge was not met',
    `${AGAIN} in a browser and complete the challenge`,
  ),
  53000: policy('this device is not compliant', 'sign in from a device that is'),
  53001: policy('this device is not joined to the domain', 'sign in from a device that is'),
  53002: policy('the application is not an approved one', `${ADMINISTRATOR} to approve it`),
  53003: policy('Conditional Access blocks the access'),
  53010: policy('security information can be registered from certain places only'),
  53011: policy('the person is blocked because of a risk', `${ADMINISTRATOR} to look into it`),
  530003: policy('this device must be managed', 'sign in from a device that is'),
  530032: policy('the security policy of the tenant blocks the access'),
  530034: policy('a delegated administrator is blocked because of a risk'),
  530035: policy('security defaults block the access'),
  500021: policy('tenant restrictions deny the access to this tenant'),
  500022: policy('tenant restrictions deny the access to this tenant'),
  500212: policy("the person's own tenant does not let them into this one"),
  500213: policy('this tenant does not let people of theirs in'),
  // Consent.
  65001: consent(
    'nobody has consented to the application',
    `${AGAIN} in a browser and consent, or ${ADMINISTRATOR}`,
  ),
  65004: { code: 'declined', what: 'the person declined to consent', next: `${AGAIN} and consent` },
  90008: consent(
    'nobody has consented to the application',
    `${AGAIN} in a browser and consent, or ${ADMINISTRATOR}`,
  ),
  90094: consent(
    'an administrator must consent to the application',
    `${ADMINISTRATOR} to grant its permissions`,
  ),
  90095: consent(
    'an administrator must consent to the application',
    `${ADMINISTRATOR} to grant its permissions`,
  ),
  650052: consent('the tenant has not subscribed to the service', ADMINISTRATOR),
  650056: application(
    'the application asks for nothing that it was granted',
    'add the permissions to its registration',
  ),
  650057: application(
    'the application does not list this resource',
    "add the resource's permissions to its registration",
  ),
  // What was granted once.
  50132: revoked('the sign-in is over, since the password has changed or expired'),
  50133: revoked('the sign-in is over, since the password has changed or expired'),
  50173: revoked('the sign-in was revoked'),
  50089: expired('the sign-in took too long'),
  70008: expired('what was granted has expired'),
  70043: expired('the sign-in is older than the tenant allows'),
  700082: expired('the sign-in was not used for too long'),
  700084: expired('the sign-in has reached its end'),
  54005: expired('the sign-in code had been used already'),
  70000: { code: 'sign-in-required', what: 'what was granted is not valid', next: AGAIN },
  50058: { code: 'sign-in-required', what: 'nobody is signed in', next: AGAIN },
  // Device codes.
  70018: { code: 'code-expired', what: 'the device code is not known', next: AGAIN },
  70019: { code: 'code-expired', what: 'the device code has expired', next: AGAIN },
  70020: { code: 'code-expired', what: 'the device code has expired', next: AGAIN },
  // The account.
  50020: account('the account does not exist in this tenant', 'sign in with an account of this tenant'),
  50034: account('the account does not exist in this tenant', 'sign in with an account of this tenant'),
  50053: account('the account is locked'),
  50055: account('the password has expired', 'change it, then sign in again'),
  50057: account('the account is disabled'),
  50105: account('the account is not assigned to the application', `${ADMINISTRATOR} to assign it`),
  50144: account('the password has expired', 'change it, then sign in again'),
  90072: account('the account does not exist in this tenant', 'sign in with an account of this tenant'),
  // What the application proves itself with.
  50012: wrong("the application's certificate was refused", CERTIFICATE),
  50013: wrong(
    "the application's assertion was refused",
    'check who issues the assertion, and for which audience',
  ),
  70002: wrong("the application's secret is wrong", 'give the value of a secret, not its ID'),
  70021: wrong(
    'no federated credential of the application fits the assertion',
    'compare issuer, subject and audience',
  ),
  700021: wrong('the assertion names another application', 'check the client ID'),
  700023: wrong('the assertion is for another audience', 'check the environment and the audience'),
  700024: {
    code: 'expired-credential',
    what: 'the assertion is not valid at this time',
    next: 'get a fresh one',
  },
  700025: application('the application is public and takes no secret or certificate', 'sign in without one'),
  700027: wrong("the application's certificate was refused", CERTIFICATE),
  700030: wrong("the certificate's subject is not authorized", CERTIFICATE),
  700211: wrong(
    'no federated credential of the application has this issuer',
    'compare issuer, subject and audience',
  ),
  700212: wrong(
    'no federated credential of the application has this audience',
    'compare issuer, subject and audience',
  ),
  700213: wrong(
    'no federated credential of the application has this subject',
    'compare issuer, subject and audience',
  ),
  7000215: wrong("the application's secret is wrong", 'give the value of a secret, not its ID'),
  7000222: {
    code: 'expired-credential',
    what: "the application's secret has expired",
    next: 'add a new one to its registration',
  },
  // The application itself.
  50011: application(
    'the redirect address is not registered',
    'add http://localhost as "Mobile and desktop applications"',
  ),
  500113: application(
    'no redirect address is registered',
    'add http://localhost as "Mobile and desktop applications"',
  ),
  50194: application('the application is not for several tenants', 'name its tenant'),
  65005: application('the application asks for what it does not list', REGISTRATION),
  70001: {
    code: 'unknown-application',
    what: 'the application is disabled or not in this tenant',
    next: 'check the client ID and the tenant',
  },
  700016: {
    code: 'unknown-application',
    what: 'the application is not in this tenant',
    next: 'check the client ID and the tenant',
  },
  7000112: { code: 'unknown-application', what: 'the application is disabled', next: ADMINISTRATOR },
  7000218: application(
    'the application is not public',
    'allow public client flows in its registration, or give its secret',
  ),
  70011: application('the scope is not valid', 'check the scopes'),
  28002: application('the scope is not valid', 'check the scopes'),
  50001: application('the resource does not exist or is disabled', 'check the scopes and the environment'),
  500011: application(
    'the resource is not in this tenant',
    'check the scopes, the tenant and the environment',
  ),
  // The tenant.
  50059: { code: 'unknown-tenant', what: 'it is not said which tenant is meant', next: 'name the tenant' },
  50128: {
    code: 'unknown-tenant',
    what: 'there is no such tenant',
    next: 'check the tenant and the environment',
  },
  90002: {
    code: 'unknown-tenant',
    what: 'there is no such tenant',
    next: 'check the tenant and the environment',
  },
  90038: { code: 'unknown-tenant', what: 'the tenant is in another cloud', next: 'choose its environment' },
  // The service.
  50196: busy('the service sees the same request too often'),
  90055: busy('the service is overloaded'),
  50033: down('the service failed for a moment'),
  90006: down('the service is not available'),
  90024: down('the service failed for a moment'),
  90033: down('the service is not available'),
};

/** By OAuth error, where no number says more. */
export const PLAIN_MEANINGS: Readonly<Record<string, Meaning>> = {
  access_denied: { code: 'declined', what: 'the sign-in was declined', next: AGAIN },
  authorization_declined: { code: 'declined', what: 'the sign-in was declined', next: AGAIN },
  expired_token: { code: 'code-expired', what: 'the device code has expired', next: AGAIN },
  code_expired: { code: 'code-expired', what: 'the device code has expired', next: AGAIN },
  bad_verification_code: { code: 'code-expired', what: 'the device code is not known', next: AGAIN },
  consent_required: consent('consent is missing', `${AGAIN} in a browser and consent, or ${ADMINISTRATOR}`),
  interaction_required: { code: 'sign-in-required', what: 'a person must sign in', next: AGAIN },
  login_required: { code: 'sign-in-required', what: 'a person must sign in', next: AGAIN },
  invalid_grant: expired('what was granted is not accepted any more'),
  invalid_client: wrong(
    'the application could not prove itself',
    'check its secret, certificate or assertion',
  ),
  unauthorized_client: {
    code: 'unknown-application',
    what: 'the application may not do this',
    next: 'check the client ID and the tenant',
  },
  invalid_scope: application('the scope is not valid', 'check the scopes'),
  invalid_resource: application('the resource is not valid', 'check the scopes and the environment'),
  unsupported_grant_type: {
    code: 'unsupported',
    what: 'the service does not know this kind of sign-in',
    next: 'choose another kind',
  },
  temporarily_unavailable: busy('the service is overloaded'),
  server_error: down('the service failed'),
};
