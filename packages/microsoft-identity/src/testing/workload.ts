import { constants, generateKeyPairSync, randomBytes, sign, type KeyPairKeyObjectResult } from 'node:crypto';
import type { FakeFederatedCredential } from './directory.ts';

const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

/** Another identity system, such as a build service, whose assertions an application may be set to trust. */
export class Workload {
  readonly issuer = 'https://token.actions.fake.example';
  readonly subject = 'repo:contoso/lab:ref:refs/heads/main';
  /** What a job shows in order to be given an assertion. */
  readonly requestToken = `fake-request.${randomBytes(32).toString('base64url')}`;
  readonly #now: () => number;
  #keys: KeyPairKeyObjectResult | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What an application lists in order to trust this issuer. */
  get credential(): FakeFederatedCredential {
    const publicKey = this.#keyPair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return { issuer: this.issuer, subject: this.subject, audience: EXCHANGE_AUDIENCE, publicKey };
  }

  /** An assertion as the build service issues it, good for five minutes unless `change` says otherwise. */
  assertion(change: Readonly<Record<string, unknown>> = {}): string {
    const now = Math.floor(this.#now() / 1000);
    const claims = {
      iss: this.issuer,
      sub: this.subject,
      aud: EXCHANGE_AUDIENCE,
      iat: now,
      nbf: now,
      exp: now + 300,
      ...change,
    };
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'fake' })}.${encode(claims)}`;
    const key = { key: this.#keyPair.privateKey, padding: constants.RSA_PKCS1_PADDING };
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }

  // Made when it is first needed: an RSA key takes its time.
  get #keyPair(): KeyPairKeyObjectResult {
    this.#keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return this.#keys;
  }
}
