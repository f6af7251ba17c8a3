import { createHash } from 'node:crypto';
import { form, json, type Answer, type Call } from './call.ts';
import { refusalOfClient } from './client-authentication.ts';
import type { FakeApplication, FakeTenant } from './directory.ts';
import type { SignIn } from './grants.ts';
import type { ProviderState } from './provider-state.ts';
import { plainRefusal, refuse } from './refusals.ts';
import { readScopes } from './scopes.ts';
import { tokenForApplication, tokensFor } from './token-issuer.ts';

/** Tenants that stand for whichever one the person is in. */
export const ANY_TENANT = ['common', 'organizations', 'consumers'];

/** A request to the token endpoint whose application has proved itself. */
interface TokenCall {
  readonly call: Call;
  readonly form: URLSearchParams;
  readonly application: FakeApplication;
  /** Absent where the path says `common` or the like. */
  readonly tenant?: FakeTenant | undefined;
}

type Grant = (state: ProviderState, request: TokenCall) => Answer;

const GRANTS: Readonly<Record<string, Grant>> = {
  authorization_code: redeemCode,
  refresh_token: refresh,
  client_credentials: actAsItself,
  // Both spellings: MSAL sends the short one, RFC 8628 has the long one.
  device_code: redeemDeviceCode,
  'urn:ietf:params:oauth:grant-type:device_code': redeemDeviceCode,
};

/** `POST /{tenant}/oauth2/v2.0/token`. */
export function token(state: ProviderState, call: Call, segment: string): Answer {
  const request = prepare(state, call, segment);
  if (typeof request === 'number') return no(state, request);
  const { form: fields, application } = request;
  const grant = GRANTS[fields.get('grant_type') ?? ''];
  if (grant === undefined) return no(state, fields.has('grant_type') ? 70003 : 900144);
  const spellings = [segment, request.tenant?.id ?? segment];
  const endpoints = spellings.map((tenant) => `${state.origin}/${tenant}/oauth2/v2.0/token`);
  const refusal = refusalOfClient(state, application, fields, endpoints);
  return refusal === undefined ? grant(state, request) : no(state, refusal);
}

/** `POST /{tenant}/oauth2/v2.0/devicecode`. */
export function deviceCode(state: ProviderState, call: Call, segment: string): Answer {
  const request = prepare(state, call, segment);
  if (typeof request === 'number') return no(state, request);
  if (!request.application.isPublic) return no(state, 7000218);
  const { lifetime, interval } = state.settings.deviceCode;
  const scopes = request.form.get('scope') ?? '';
  const device = state.grants.addDevice({
    clientId: request.application.clientId,
    tenant: segment,
    scopes: scopes.split(' '),
    expiresAt: state.now + lifetime * 1000,
  });
  state.issued.add(device.deviceCode);
  const page = `${state.origin}/common/oauth2/deviceauth`;
  return json({
    user_code: device.userCode,
    device_code: device.deviceCode,
    verification_uri: page,
    expires_in: lifetime,
    interval,
    message: `To sign in, open ${page} and enter the code ${device.userCode}.`,
  });
}

/** Tenant, application and form of a request, or the number it is refused with. */
function prepare(state: ProviderState, call: Call, segment: string): TokenCall | number {
  const fields = form(call);
  if (fields === undefined) return 900144;
  const tenant = state.directory.tenant(segment);
  if (tenant === undefined && !ANY_TENANT.includes(segment)) return 90002;
  const clientId = fields.get('client_id');
  if (clientId === null) return 900144;
  const application = state.directory.application(clientId, tenant);
  if (application === undefined) return 700016;
  if (readScopes(fields.get('scope') ?? '', state.settings.graph).isMixed) return 70011;
  return { call, form: fields, application, tenant };
}

function redeemCode(state: ProviderState, request: TokenCall): Answer {
  const { form: fields, application } = request;
  const authorization = state.grants.authorization(fields.get('code') ?? '');
  if (authorization === undefined || authorization.signIn.clientId !== application.clientId)
    return no(state, 70000);
  if (authorization.isRedeemed) return no(state, 54005);
  if (authorization.expiresAt <= state.now) return no(state, 70008);
  if (fields.get('redirect_uri') !== authorization.redirectUri) return no(state, 50011);
  const verifier = fields.get('code_verifier') ?? '';
  const { challenge } = authorization;
  if (challenge !== undefined && createHash('sha256').update(verifier).digest('base64url') !== challenge) {
    return no(state, 501481);
  }
  authorization.isRedeemed = true;
  return issue(state, request, authorization.signIn, false);
}

function refresh(state: ProviderState, request: TokenCall): Answer {
  const { grants, settings, now } = state;
  const text = request.form.get('refresh_token') ?? '';
  const found = grants.refreshToken(text);
  if (found === undefined || found.signIn.clientId !== request.application.clientId) return no(state, 70000);
  if (now - found.usedAt > settings.refreshTokenLifetime) return no(state, 700082);
  const answer = issue(state, request, found.signIn, true);
  if (answer.status !== 200) return answer;
  found.usedAt = now;
  if (settings.rotation === 'exclusive') grants.dropRefreshToken(text);
  return answer;
}

function redeemDeviceCode(state: ProviderState, request: TokenCall): Answer {
  const device = state.grants.device(request.form.get('device_code') ?? '');
  if (device === undefined || device.clientId !== request.application.clientId) return no(state, 70018);
  device.polls += 1;
  if (device.expiresAt <= state.now) return no(state, 70019);
  if (device.state === 'declined') return plainRefusal('authorization_declined', 'The person declined.');
  if (device.slowDowns > 0) {
    device.slowDowns -= 1;
    return plainRefusal('slow_down', 'Too many polls.');
  }
  if (device.state === 'pending' || device.signIn === undefined) return no(state, 70016);
  if (device.state === 'redeemed') return no(state, 70000);
  const answer = issue(state, request, device.signIn, false, device.scopes.join(' '));
  if (answer.status === 200) device.state = 'redeemed';
  return answer;
}

function actAsItself(state: ProviderState, { call, form: fields, application, tenant }: TokenCall): Answer {
  if (tenant === undefined) return no(state, 50059);
  const scope = fields.get('scope') ?? '';
  if (!scope.endsWith('/.default')) return no(state, 70011);
  const refusal = state.refusalOf(undefined, application);
  if (refusal !== undefined) return no(state, refusal);
  return tokenForApplication(state, tenant, application, scope, call.forgery);
}

/** Tokens for a person, unless something about them stands in the way now. */
function issue(
  state: ProviderState,
  { call, form: fields, application, tenant }: TokenCall,
  signIn: SignIn,
  isRefresh: boolean,
  scope = fields.get('scope') ?? signIn.scopes.join(' '),
): Answer {
  const { user, sequence } = signIn;
  if (tenant !== undefined && tenant.id !== signIn.tenant.id) return no(state, 50034);
  if (state.grants.isRevoked(user.objectId, sequence, state.now)) return no(state, 50173);
  const refusal = state.refusalOf(user, application);
  if (refusal !== undefined) return no(state, refusal);
  if (!state.hasConsent(user, application)) return no(state, 65001);
  return tokensFor(state, signIn, scope, isRefresh, call.forgery);
}

function no(state: ProviderState, code: number): Answer {
  return refuse(code, state.now, state.origin);
}
