import { isAnyTenant } from './application.ts';
import { clientAssertion } from './assertion.ts';
import { signInWithBrowser } from './browser-sign-in.ts';
import { readCertificate } from './certificate.ts';
import { decodeClaims, timeClaim } from './claims.ts';
import type { Environment } from './environments.ts';
import { IdentityError } from './errors.ts';
import { checkAssertion } from './federated.ts';
import type { Clock, Http } from './http.ts';
import { managedIdentityToken } from './managed-identity.ts';
import { Msal, type MsalOptions, type Wish } from './msal.ts';
import type { PartitionContent } from './partition.ts';
import type { DeviceCode, SignIn } from './sign-in.ts';
import { isToken, type TokenAnswer } from './token-answer.ts';
import { Transport } from './transport.ts';

/** Who signs in where, checked. */
export interface Setting {
  readonly environment: Environment;
  /** Absent where the kind of sign-in has no use for one. */
  readonly clientId: string | undefined;
  /** GUID or name as given, or the GUID that an earlier sign-in taught. */
  readonly tenant: string;
  readonly signIn: SignIn;
  readonly http: Http;
  readonly clock: Clock;
}

/** How a person is asked. */
export interface Asking {
  readonly openBrowser?: ((url: string) => void | Promise<void>) | undefined;
  readonly onDeviceCode?: ((code: DeviceCode) => void | Promise<void>) | undefined;
  readonly loginHint?: string | undefined;
  /** Milliseconds that the person has. */
  readonly timeout: number;
}

/** What a flow ended with, before it is checked. */
export interface Outcome {
  readonly answer: TokenAnswer;
  readonly issuer?: string | undefined;
  readonly nonce?: string | undefined;
  readonly homeId?: string | undefined;
  readonly msal?: string | undefined;
}

/** MSAL, with requests of its own, for the person or application of this setting. */
export async function openMsal(
  setting: Setting,
  signal: AbortSignal,
  more: Pick<MsalOptions, 'cache'> & Pick<Asking, 'onDeviceCode'> = {},
): Promise<{ msal: Msal; transport: Transport }> {
  const { environment, tenant, clientId = '', signIn, http, clock } = setting;
  const { cache, onDeviceCode } = more;
  const transport = new Transport({ environment, http, clock, signal, onDeviceCode });
  const proof = await proofOf(signIn, clientId, clock, signal);
  const msal = await Msal.open({ environment, tenant, clientId, transport, cache, ...proof });
  return { msal, transport };
}

/** A token without asking anybody: by what the application holds, or what an earlier sign-in left. */
export async function withoutPerson(
  setting: Setting,
  wish: Wish,
  previous: PartitionContent | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const { signIn, http, clock } = setting;
  switch (signIn.kind) {
    case 'interactive':
    case 'device-code':
      return byRefreshToken(setting, wish, previous, signal);
    case 'client-secret':
    case 'certificate':
    case 'federated':
      return asApplication(setting, wish, signal);
    case 'managed-identity':
      return { answer: await managedIdentityToken(signIn.source, resourceOf(wish), http, signal) };
    case 'access-token':
      return { answer: givenToken(signIn.accessToken, clock) };
    default:
      return signIn satisfies never;
  }
}

export async function byBrowser(
  setting: Setting,
  wish: Wish,
  asking: Asking,
  signal: AbortSignal,
): Promise<Outcome> {
  const { openBrowser, loginHint, timeout } = asking;
  if (openBrowser === undefined) throw nobodyToAsk();
  const responseMode = setting.environment.protocolMode === 'AAD' ? 'form_post' : 'query';
  const { msal, transport } = await openMsal(setting, signal);
  const request = { ...wish, openBrowser, loginHint, responseMode, timeout } as const;
  const { homeId, nonce } = await signInWithBrowser(msal, request, signal);
  return outcomeOf(msal, transport, { homeId, nonce });
}

export async function byDeviceCode(
  setting: Setting,
  wish: Wish,
  asking: Asking,
  signal: AbortSignal,
): Promise<Outcome> {
  const { onDeviceCode } = asking;
  if (onDeviceCode === undefined) throw nobodyToAsk();
  const { msal, transport } = await openMsal(setting, signal, { onDeviceCode });
  return outcomeOf(msal, transport, { homeId: await msal.deviceCode(wish) });
}

async function byRefreshToken(
  setting: Setting,
  wish: Wish,
  previous: PartitionContent | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  if (previous?.msal === undefined || previous.account === undefined) {
    throw new IdentityError('sign-in-required', 'nobody is signed in', { next: 'sign in again' });
  }
  const { msal, transport } = await openMsal(setting, signal, { cache: previous.msal });
  return outcomeOf(msal, transport, { homeId: await msal.silent(wish, previous.account) });
}

async function asApplication(setting: Setting, wish: Wish, signal: AbortSignal): Promise<Outcome> {
  if (isAnyTenant(setting.tenant)) {
    throw new IdentityError('invalid-settings', 'an application that acts as itself does so in one tenant', {
      next: 'give the tenant ID or domain',
    });
  }
  const { msal, transport } = await openMsal(setting, signal);
  await msal.asApplication(wish);
  return { ...outcomeOf(msal, transport, {}), msal: undefined };
}

function outcomeOf(
  msal: Msal,
  { answer, issuer }: Transport,
  more: Pick<Outcome, 'homeId' | 'nonce'>,
): Outcome {
  if (answer === undefined) throw new IdentityError('bad-answer', 'the service was not asked for a token');
  return { ...more, answer, issuer, msal: msal.cache };
}

async function proofOf(
  signIn: SignIn,
  clientId: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Pick<MsalOptions, 'clientSecret' | 'assertion'>> {
  switch (signIn.kind) {
    case 'interactive':
    case 'client-secret':
      return { clientSecret: signIn.clientSecret };
    case 'certificate': {
      const certificate = await readCertificate(signIn.certificate);
      const { sendsChain } = signIn;
      return {
        assertion: (audience) =>
          clientAssertion({ clientId, audience, certificate, now: clock.now(), sendsChain }),
      };
    }
    case 'federated':
      return { assertion: async () => checkAssertion(await signIn.assertion(signal)) };
    default:
      return {};
  }
}

/** A given token, as if it had been answered just now. */
function givenToken(accessToken: string, clock: Clock): TokenAnswer {
  const text = accessToken.trim();
  if (!isToken(text) || !/^[\x21-\x7e]+$/.test(text)) {
    throw new IdentityError('invalid-settings', 'the access token is empty or malformed', {
      next: 'give the token alone, without "Bearer" and without line breaks',
    });
  }
  const expiresAt = timeClaim(decodeClaims(text), 'exp');
  if (expiresAt !== undefined && expiresAt <= clock.now()) {
    throw new IdentityError('sign-in-required', 'the given access token has expired', {
      next: 'give a fresh one',
    });
  }
  return { accessToken: text, expiresAt, scopes: [], idToken: undefined, skew: 0 };
}

function resourceOf({ scopes }: Wish): string {
  const [scope = ''] = scopes;
  if (scopes.length === 1 && scope.endsWith('/.default')) return scope.slice(0, -'/.default'.length);
  throw new IdentityError(
    'invalid-settings',
    'a managed identity takes the scope "/.default" of one resource only',
    {
      next: 'ask for a scope such as https://graph.microsoft.com/.default',
    },
  );
}

function nobodyToAsk(): IdentityError {
  return new IdentityError('sign-in-required', 'a person must sign in, and nobody can be asked here', {
    next: 'sign in from a terminal, or choose a kind of sign-in that needs no person',
  });
}
