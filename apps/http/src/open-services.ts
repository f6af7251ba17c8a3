import { join } from 'node:path';
import { privateFolder } from './files.ts';
import { Metrics } from './operations/metrics.ts';
import { Readiness } from './operations/readiness.ts';
import { Audit } from './security/audit.ts';
import { CookieSessions } from './security/cookie-sessions.ts';
import { KeyStore } from './security/key-store.ts';
import { SignInTokens } from './security/sign-in-tokens.ts';
import type { ServiceOptions, Services } from './services.ts';
import { openWork } from './work.ts';

/** Opens everything that routes stand on. The Slipline stays the caller's to close. */
export async function openServices(options: ServiceOptions): Promise<Services> {
  const { slipline, clock, log, folder, isLab = false } = options;
  await privateFolder(folder);
  const keys = await KeyStore.open(join(folder, 'keys.json'), clock);
  const audit = await Audit.open(folder, clock);
  const work = await openWork(options);
  const readiness = new Readiness(slipline, clock, folder);
  return {
    ...work,
    slipline,
    clock,
    log,
    audit,
    keys,
    cookies: new CookieSessions(clock),
    signInTokens: new SignInTokens(clock),
    metrics: new Metrics(),
    readiness,
    isLab,
    [Symbol.asyncDispose]: async () => {
      readiness.end();
      await work.stop();
      await audit[Symbol.asyncDispose]();
    },
  };
}
