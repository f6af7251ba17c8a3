import { escapeHtml, form, html, redirect, type Answer, type Call } from './call.ts';
import type { FakeApplication, FakeTenant, FakeUser } from './directory.ts';
import type { SignIn } from './grants.ts';
import type { ProviderState } from './provider-state.ts';
import { refusalBody } from './refusals.ts';
import { ANY_TENANT } from './token-routes.ts';

/** Milliseconds that an authorization code lives. */
const CODE_LIFETIME = 600_000;

/** What a browser brought along from the application. */
interface Wish {
  readonly application: FakeApplication;
  readonly tenant?: FakeTenant | undefined;
  readonly redirectUri: string;
  readonly fields: URLSearchParams;
}

/** `GET /{tenant}/oauth2/v2.0/authorize`: the page that asks who one is. */
export function authorize(state: ProviderState, call: Call, segment: string): Answer {
  const wish = read(state, call.query, segment);
  if ('status' in wish) return wish;
  const hint = call.query.get('login_hint') ?? '';
  return page(`/${segment}/oauth2/v2.0/authorize`, call.query, hint, wish.application.name);
}

/** `POST` of that page: who one is, and whether one agrees. */
export function signIn(state: ProviderState, call: Call, segment: string): Answer {
  const fields = form(call) ?? new URLSearchParams();
  const wish = read(state, fields, segment);
  if ('status' in wish) return wish;
  const { application, redirectUri } = wish;
  const found = authenticate(state, fields, wish.tenant);
  if (found === undefined) return html('<p>The user name or the password is wrong.</p>', 401);
  const refusal = refusalInBrowser(state, fields, found.user, application);
  if (refusal !== undefined) return back(fields, redirectUri, refusalBody(refusal, state.now, state.origin));
  state.consents.add(`${application.clientId}|${found.user.objectId}`);
  const challenge = fields.get('code_challenge') ?? undefined;
  const signedIn = remember(state, found, application, fields);
  const code = state.grants.authorize({
    signIn: signedIn,
    redirectUri,
    challenge,
    expiresAt: state.now + CODE_LIFETIME,
  });
  state.issued.add(code);
  return back(fields, redirectUri, { code, session_state: 'fake' });
}

/** `GET /common/oauth2/deviceauth`: the page for a device code. */
export function deviceAuth(): Answer {
  const input = '<label>Code <input name="user_code"></label>';
  return html(`<form method="post">${input}${PERSON}${BUTTONS}</form>`);
}

/** `POST` of that page. */
export function approveDevice(state: ProviderState, call: Call): Answer {
  const fields = form(call) ?? new URLSearchParams();
  const device = state.grants.deviceOf(fields.get('user_code') ?? '');
  if (device === undefined || device.expiresAt <= state.now)
    return html('<p>The code is wrong or has expired.</p>', 400);
  const tenant = state.directory.tenant(device.tenant);
  const found = authenticate(state, fields, tenant);
  if (found === undefined) return html('<p>The user name or the password is wrong.</p>', 401);
  if (fields.get('decision') === 'decline') {
    device.state = 'declined';
    return html('<p>You declined.</p>');
  }
  const application = state.directory.application(device.clientId, tenant);
  if (application === undefined) return html('<p>The application is gone.</p>', 400);
  state.consents.add(`${application.clientId}|${found.user.objectId}`);
  device.signIn = remember(
    state,
    found,
    application,
    new URLSearchParams({ scope: device.scopes.join(' ') }),
  );
  device.state = 'approved';
  return html('<p>You have signed in. You may close this window.</p>');
}

/** What the browser sent, checked; errors here stay in the browser, since the application's address is not trusted yet. */
function read(state: ProviderState, fields: URLSearchParams, segment: string): Wish | Answer {
  const tenant = state.directory.tenant(segment);
  if (tenant === undefined && !ANY_TENANT.includes(segment)) return stay(90002);
  const application = state.directory.application(fields.get('client_id') ?? '', tenant);
  if (application === undefined) return stay(700016);
  const redirectUri = fields.get('redirect_uri') ?? '';
  if (!application.redirectUris.some((registered) => isSame(registered, redirectUri))) return stay(50011);
  const challenge = fields.get('code_challenge');
  const hasChallenge =
    challenge !== null && challenge.length >= 43 && fields.get('code_challenge_method') === 'S256';
  if (application.isPublic && !hasChallenge) return stay(50147);
  if (fields.get('response_type') !== 'code') return stay(900144);
  return { application, tenant, redirectUri, fields };
}

function stay(code: number): Answer {
  return html(`<p>AADSTS${code}</p>`, 400);
}

/** As registered, but for the port where that is `http://localhost`. */
function isSame(registered: string, given: string): boolean {
  if (!URL.canParse(given)) return false;
  const [one, other] = [new URL(registered), new URL(given)];
  if (one.protocol !== other.protocol || one.hostname !== other.hostname || one.pathname !== other.pathname)
    return false;
  return one.port === other.port || (one.protocol === 'http:' && one.hostname === 'localhost');
}

function authenticate(state: ProviderState, fields: URLSearchParams, tenant?: FakeTenant) {
  const found = state.directory.user(fields.get('user_name') ?? '', tenant);
  return found?.user.password === fields.get('password') ? found : undefined;
}

function refusalInBrowser(
  state: ProviderState,
  fields: URLSearchParams,
  user: FakeUser,
  application: FakeApplication,
): number | undefined {
  const refusal = state.refusalOf(user, application);
  if (refusal !== undefined) return refusal;
  if (fields.get('decision') === 'decline') return 65004;
  return application.consent === 'admin' && !state.hasConsent(user, application) ? 90094 : undefined;
}

function remember(
  state: ProviderState,
  found: { tenant: FakeTenant; user: FakeUser },
  { clientId }: FakeApplication,
  fields: URLSearchParams,
): SignIn {
  const nonce = fields.get('nonce') ?? undefined;
  const scopes = (fields.get('scope') ?? '').split(' ');
  return { ...found, clientId, scopes, nonce, sequence: state.grants.next() };
}

/** Sends the browser back to the application: by redirect, or by a form that it posts. */
function back(
  fields: URLSearchParams,
  redirectUri: string,
  values: Readonly<Record<string, unknown>>,
): Answer {
  const answer = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (typeof value === 'string') answer.set(name, value);
  const state = fields.get('state');
  if (state !== null) answer.set('state', state);
  if (fields.get('response_mode') !== 'form_post') {
    const url = new URL(redirectUri);
    for (const [name, value] of answer) url.searchParams.set(name, value);
    return redirect(url.href);
  }
  return html(
    `<form method="post" action="${escapeHtml(redirectUri)}">${hidden(answer)}<button>Continue</button></form>`,
  );
}

const PERSON =
  '<label>User name <input name="user_name"></label><label>Password <input name="password" type="password"></label>';
const BUTTONS =
  '<button name="decision" value="accept">Sign in</button><button name="decision" value="decline">Decline</button>';

function page(action: string, fields: URLSearchParams, hint: string, application: string): Answer {
  const person = PERSON.replace('name="user_name"', `name="user_name" value="${escapeHtml(hint)}"`);
  const title = `<h1>Sign in to ${escapeHtml(application)}</h1>`;
  return html(
    `${title}<form method="post" action="${escapeHtml(action)}">${hidden(fields)}${person}${BUTTONS}</form>`,
  );
}

function hidden(fields: URLSearchParams): string {
  return [...fields]
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('');
}
