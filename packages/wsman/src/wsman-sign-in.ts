import { DisconnectError, type ClientCertificate, type Secret } from '@slipline/core';
import { AuthError, type SecurityContext } from '@slipline/windows-auth';
import { Digest } from './wsman-digest.ts';
import { readChallenges } from './wsman-challenge.ts';
import type { HttpAnswer, HttpConnection } from './wsman-http.ts';
import type { SealedScheme } from './wsman-sealing.ts';
import { authError, notOffered, refused } from './wsman-sign-in-errors.ts';

export type Authentication = 'basic' | 'digest' | 'negotiate' | 'kerberos' | 'credssp' | 'certificate';

export interface WsmanCredential {
  readonly userName: string;
  readonly password: Secret;
}

/** How to sign in, and as whom. */
export interface WsmanIdentity {
  readonly authentication: Authentication;
  /** Absent for a certificate, and where the system's own sign-in is to be used (Kerberos, Negotiate). */
  readonly credential?: WsmanCredential | undefined;
  readonly certificate?: ClientCertificate | undefined;
}

/** A connection that is signed in, or that signs in with each request. */
export interface SignedIn {
  /** Further headers of the next request. */
  headers(): Readonly<Record<string, string>>;
  /** What encrypts messages, where the mechanism can. */
  readonly seal?: { readonly context: SecurityContext; readonly scheme: SealedScheme } | undefined;
}

/** Legs that no mechanism needs; CredSSP over TLS 1.2 takes five. */
const MOST_LEGS = 12;

const MUTUAL = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual';

export interface SignInRequest {
  readonly connection: HttpConnection;
  readonly identity: WsmanIdentity;
  readonly path: string;
  /** Headers that every request has. */
  readonly headers: Readonly<Record<string, string>>;
  /** Makes the context of a mechanism that signs in the connection. */
  readonly context: () => SecurityContext;
  readonly signal: AbortSignal;
}

/** Throws `DisconnectError`; the connection is then of no further use. */
export async function signIn(request: SignInRequest): Promise<SignedIn> {
  const { identity } = request;
  switch (identity.authentication) {
    case 'certificate':
      return { headers: () => ({ Authorization: MUTUAL }) };
    case 'basic': {
      const { userName, password } = credentialOf(identity);
      if (userName.includes(':'))
        throw new DisconnectError('invalid-request', 'a user name with a colon cannot be sent by Basic');
      const pair = Buffer.from(`${userName}:${password.reveal()}`, 'utf8').toString('base64');
      return { headers: () => ({ Authorization: `Basic ${pair}` }) };
    }
    case 'digest':
      return digest(request, credentialOf(identity));
    case 'negotiate':
      return shakeHands(request, 'Negotiate');
    case 'kerberos':
      return shakeHands(request, 'Kerberos');
    case 'credssp':
      return shakeHands(request, 'CredSSP');
    default:
      return identity.authentication satisfies never;
  }
}

export function credentialOf({ credential }: WsmanIdentity): WsmanCredential {
  if (credential !== undefined) return credential;
  throw new DisconnectError('unauthenticated', 'no user name and password were given', {
    next: 'give --user-name, and the password at the prompt, with --password-stdin or --password-file',
  });
}

async function digest(request: SignInRequest, credential: WsmanCredential): Promise<SignedIn> {
  const answer = await post(request, {});
  const offered = readChallenges(answer.challenges);
  const challenges = offered.filter(({ scheme }) => scheme === 'digest');
  if (challenges.length === 0) throw notOffered('Digest', answer, offered);
  const calculator = Digest.of(challenges, credential);
  return { headers: () => ({ Authorization: calculator.authorization('POST', request.path) }) };
}

/** Signs in the connection by empty requests: nothing of the caller's leaves before the server has shown who it is. */
async function shakeHands(request: SignInRequest, scheme: SealedScheme): Promise<SignedIn> {
  const context = request.context();
  try {
    let token = await context.step();
    for (let leg = 0; leg < MOST_LEGS && token !== undefined; leg += 1) {
      const encoded = Buffer.from(token).toString('base64');
      const answer = await post(request, { Authorization: `${scheme} ${encoded}` });
      const reply = tokenOf(answer, scheme);
      if (answer.status !== 401) {
        if (reply !== undefined && !context.isComplete) await context.step(reply);
        if (context.isComplete) return { headers: () => ({}), seal: { context, scheme } };
        break;
      }
      if (reply === undefined) throw whyNot(answer, scheme, leg);
      expectOpen(request.connection);
      token = await context.step(reply);
    }
    throw new DisconnectError(
      'untrusted',
      `the server ended the sign-in by ${scheme} before it had shown who it is`,
      {
        next: 'check that WinRM itself answers at this port, and nothing in between',
      },
    );
  } catch (error) {
    context[Symbol.dispose]();
    throw AuthError.is(error) ? authError(error) : error;
  }
}

function tokenOf(answer: HttpAnswer, scheme: SealedScheme): Buffer | undefined {
  const name = scheme.toLowerCase();
  const token = readChallenges(answer.challenges).find((one) => one.scheme === name)?.token;
  return token === undefined ? undefined : Buffer.from(token, 'base64');
}

/** Whether the server does not speak this mechanism, or does not accept this credential. */
function whyNot(answer: HttpAnswer, scheme: SealedScheme, leg: number): DisconnectError {
  const offered = readChallenges(answer.challenges);
  const isOffered = offered.some((one) => one.scheme === scheme.toLowerCase());
  return leg === 0 && !isOffered ? notOffered(scheme, answer, offered) : refused(answer);
}

function expectOpen(connection: HttpConnection): void {
  if (connection.isOpen) return;
  throw new DisconnectError('protocol', 'the server closes the connection in the middle of the sign-in', {
    next: 'look for a proxy or load balancer on the way: Windows signs in connections, and they must be kept',
  });
}

function post(
  { connection, path, headers, signal }: SignInRequest,
  more: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  return connection.post({ path, headers: { ...headers, ...more }, body: new Uint8Array() }, signal);
}
