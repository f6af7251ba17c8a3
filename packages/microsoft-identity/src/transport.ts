import { type Environment, isLoginOf } from './environments.ts';
import { IdentityError } from './errors.ts';
import { badAnswer, type Clock, type Http, type HttpRequest, type Reply } from './http.ts';
import type { DeviceCode } from './sign-in.ts';
import { untrusted } from './token-checks.ts';
import { foreignHost, readFields, readTokenAnswer, type TokenAnswer } from './token-answer.ts';

export interface TransportOptions {
  readonly environment: Environment;
  readonly http: Http;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told the code as soon as there is one; waiting for the person begins when it returns. */
  readonly onDeviceCode?: ((code: DeviceCode) => void | Promise<void>) | undefined;
}

/** RFC 8628: an answer `slow_down` adds this to the interval, in milliseconds. */
const SLOWER = 5000;
/** Milliseconds between two polls, however often the service would be asked. */
const LEAST_INTERVAL = 1000;
/** What a discovery document leads to. */
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'device_authorization_endpoint'];
const FORM = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' };

/**
 * What MSAL sends its requests through, for one call. Only what has passed the checks reaches MSAL; what has not ends the call
 * with `failure`, whatever MSAL makes of it.
 */
export class Transport {
  readonly #options: TransportOptions;
  #failure: { readonly reason: unknown } | undefined;
  #answer: TokenAnswer | undefined;
  #issuer: string | undefined;
  #device: { readonly code: DeviceCode; interval: number } | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** Why a request failed, the first one's reason. */
  get failure(): { readonly reason: unknown } | undefined {
    return this.#failure;
  }

  /** What the token endpoint granted last. */
  get answer(): TokenAnswer | undefined {
    return this.#answer;
  }

  /** The issuer that the discovery document names, where one was read. */
  get issuer(): string | undefined {
    return this.#issuer;
  }

  /** A discovery document. */
  async get(url: string): Promise<Reply> {
    return this.#keep(async () => {
      const reply = await this.#send(url, { method: 'GET' });
      const document = readFields(url, reply);
      for (const name of ENDPOINTS) {
        const address = document[name];
        if (typeof address === 'string') this.checkAddress(address);
      }
      const { issuer } = document;
      if (typeof issuer !== 'string' || !isLoginOf(this.#options.environment, issuer)) {
        throw untrusted('the discovery document has an issuer that is not of this environment');
      }
      this.#issuer = issuer;
      return reply;
    });
  }

  /** A request to the token endpoint, or to the one for device codes. */
  async post(url: string, body: string, headers: Readonly<Record<string, string>> = FORM): Promise<Reply> {
    const request = { method: 'POST', headers, body } as const;
    return this.#keep(async () => {
      const grant = new URLSearchParams(body).get('grant_type');
      if (grant === null) return this.#handOut(url, await this.#send(url, request));
      const reply = await (grant === 'device_code' ? this.#poll(url, request) : this.#send(url, request));
      this.#answer = readTokenAnswer(url, reply);
      return reply;
    });
  }

  /** Where a person is to go, which must be of this environment too. */
  checkAddress(url: string): string {
    if (isLoginOf(this.#options.environment, url)) return url;
    throw foreignHost();
  }

  async #keep<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#failure ??= { reason: error };
      throw error;
    }
  }

  #send(url: string, request: HttpRequest): Promise<Reply> {
    const { http, signal } = this.#options;
    return http.send(this.checkAddress(url), request, signal);
  }

  /** MSAL would call back with fields that are not there. */
  async #handOut(url: string, reply: Reply): Promise<Reply> {
    const fields = readFields(url, reply);
    const { user_code: userCode, device_code: deviceCode, verification_uri: verificationUri } = fields;
    const [lifetime, interval] = [Number(fields['expires_in']), Number(fields['interval'] ?? 5)];
    const isWhole =
      typeof userCode === 'string' &&
      /^[A-Za-z0-9-]{4,32}$/.test(userCode) &&
      typeof deviceCode === 'string' &&
      typeof verificationUri === 'string' &&
      verificationUri.length <= 2048 &&
      URL.canParse(verificationUri) &&
      new URL(verificationUri).protocol === 'https:' &&
      lifetime > 0 &&
      lifetime <= 86_400 &&
      interval >= 0 &&
      interval <= 300;
    if (!isWhole) throw badAnswer(url, reply);
    const expiresAt = this.#options.clock.now() + lifetime * 1000;
    const code = { userCode, verificationUri: new URL(verificationUri).href, expiresAt };
    this.#device = { code, interval: Math.max(interval * 1000, LEAST_INTERVAL) };
    await this.#options.onDeviceCode?.(code);
    return { ...reply, json: { ...fields, expires_in: lifetime, interval } };
  }

  /** Asks until the person has decided. MSAL's own loop cannot be interrupted and takes `slow_down` for a failure. */
  async #poll(url: string, request: HttpRequest): Promise<Reply> {
    const { clock, signal } = this.#options;
    const device = this.#device;
    if (device === undefined) throw new IdentityError('bad-answer', 'there is no device code to wait for');
    for (;;) {
      const reply = await this.#send(url, request);
      const error = reply.json?.['error'];
      if (error === 'slow_down') device.interval += SLOWER;
      else if (error !== 'authorization_pending') return reply;
      if (clock.now() + device.interval >= device.code.expiresAt) throw expired();
      await clock.sleep(device.interval, signal);
    }
  }
}

function expired(): IdentityError {
  return new IdentityError('code-expired', 'nobody signed in with the device code in time', {
    next: 'sign in again',
  });
}
