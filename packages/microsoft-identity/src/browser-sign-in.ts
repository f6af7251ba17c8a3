import { createHash, randomBytes } from 'node:crypto';
import { IdentityError } from './errors.ts';
import { Loopback } from './loopback.ts';
import type { Msal, Wish } from './msal.ts';
import { refusalOf } from './refusal.ts';

export interface BrowserSignIn extends Wish {
  readonly openBrowser: (url: string) => void | Promise<void>;
  readonly loginHint?: string | undefined;
  readonly responseMode: 'form_post' | 'query';
  /** Milliseconds that the person has. */
  readonly timeout: number;
}

/** The authorization code flow with PKCE, state and nonce. Answers the person's home account id, and the nonce. */
export async function signInWithBrowser(
  msal: Msal,
  { openBrowser, loginHint, responseMode, timeout, ...wish }: BrowserSignIn,
  signal: AbortSignal,
): Promise<{ homeId: string | undefined; nonce: string }> {
  const [state, nonce, verifier] = [random(), random(), random()];
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  await using loopback = await Loopback.open(state);
  const { redirectUri } = loopback;
  const url = await msal.browserUrl({
    ...wish,
    redirectUri,
    state,
    nonce,
    challenge,
    responseMode,
    loginHint,
  });
  const code = await codeOf(loopback, url, openBrowser, timeout, signal);
  return { homeId: await msal.redeemCode({ ...wish, code, verifier, redirectUri, nonce }), nonce };
}

async function codeOf(
  loopback: Loopback,
  url: string,
  openBrowser: BrowserSignIn['openBrowser'],
  timeout: number,
  signal: AbortSignal,
): Promise<string> {
  const limit = AbortSignal.timeout(timeout);
  // A browser that cannot be opened will never come back; one that has been opened says nothing more.
  const failed = new Promise<never>((_resolve, reject) => {
    Promise.resolve(url).then(openBrowser).catch(reject);
  });
  try {
    const { code, ...answer } = await Promise.race([loopback.wait(AbortSignal.any([signal, limit])), failed]);
    if (typeof answer['error'] === 'string') throw refusalOf(answer);
    if (typeof code === 'string' && code !== '') return code;
    throw new IdentityError('bad-answer', 'the browser came back without a code', { next: 'sign in again' });
  } catch (error) {
    if (error === limit.reason && !signal.aborted) {
      throw new IdentityError('code-expired', 'nobody signed in in the browser in time', {
        next: 'sign in again',
      });
    }
    throw error;
  }
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
