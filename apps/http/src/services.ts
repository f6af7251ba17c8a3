import type { Clock, Logger, Slipline } from '@slipline/core';
import type { Metrics } from './operations/metrics.ts';
import type { Readiness } from './operations/readiness.ts';
import type { Audit } from './security/audit.ts';
import type { CookieSessions } from './security/cookie-sessions.ts';
import type { KeyStore } from './security/key-store.ts';
import type { SignInTokens } from './security/sign-in-tokens.ts';
import type { Work } from './work.ts';

/** All that routes stand on. Who opens them disposes of them. */
export interface Services extends Work, AsyncDisposable {
  readonly slipline: Slipline;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: Audit;
  readonly keys: KeyStore;
  readonly cookies: CookieSessions;
  readonly signInTokens: SignInTokens;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** The systems are fakes, and whoever looks is told so. */
  readonly isLab: boolean;
}

/** What `openServices` is given. */
export interface ServiceOptions {
  readonly slipline: Slipline;
  readonly clock: Clock;
  readonly log: Logger;
  /** The service's own folder, `<state>/http`; made where it is missing. */
  readonly folder: string;
  readonly isLab?: boolean | undefined;
}
