import type { Identity } from '@slipline/fake-http';
import type { Call } from './call.ts';
import { CONTOSO, FABRIKAM, type FakeApplication, type FakeTenant } from './directory.ts';
import type { DeviceCode } from './grants.ts';
import { LoopbackServer } from './loopback-server.ts';
import { MicrosoftFake } from './microsoft-fake.ts';
import { ProviderState } from './provider-state.ts';
import { answerTo } from './router.ts';
import type { Settings } from './settings.ts';
import { applicationToken, factsOf, type TokenFacts } from './token-issuer.ts';
import { Workload } from './workload.ts';

export interface FakeIdentityProviderOptions {
  /** What it presents at the TLS handshake; for `localhost` and `127.0.0.1`. */
  readonly certificate: Identity;
  /** The time that tokens live by; the machine's when absent. */
  readonly clock?: { now(): number } | undefined;
  /** How many requests are kept in full; 1000 when absent, 0 for none. All are counted. */
  readonly recordLimit?: number | undefined;
  /** Contoso and Fabrikam when absent. */
  readonly tenants?: readonly FakeTenant[] | undefined;
  readonly settings?: Partial<Settings> | undefined;
}

/** Where a device code stands. */
export type DeviceState = Pick<DeviceCode, 'userCode' | 'state' | 'polls'>;

/**
 * Microsoft Entra on loopback, as far as sign-in goes: discovery, a sign-in page, the token endpoint with its grants, device
 * codes, and revocation. It refuses what the real one refuses, with its numbers, and misbehaves in every way that a client must
 * survive. Its tokens are signed with a key that nobody else has: other fakes ask `introspect` what a token is worth.
 */
export class FakeIdentityProvider extends MicrosoftFake {
  readonly #state: ProviderState;

  private constructor(server: LoopbackServer, state: ProviderState) {
    super(server);
    this.#state = state;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeIdentityProviderOptions): Promise<FakeIdentityProvider> {
    const {
      certificate,
      clock = Date,
      recordLimit = 1000,
      tenants = [CONTOSO, FABRIKAM],
      settings = {},
    } = options;
    const now = () => clock.now();
    const state = new ProviderState(tenants, new Workload(now), now);
    state.configure(settings);
    const answer = (call: Call) => answerTo(state, call);
    const server = await LoopbackServer.start({ certificate, now, recordLimit, answer });
    state.origin = `https://localhost:${server.port}`;
    return new FakeIdentityProvider(server, state);
  }

  /** What an environment names as its login: `https://localhost:40123`. */
  get origin(): string {
    return this.#state.origin;
  }

  get settings(): Settings {
    return this.#state.settings;
  }

  /** Changes settings from the next request on. */
  configure(change: Partial<Settings>): void {
    this.#state.configure(change);
  }

  get tenants(): readonly FakeTenant[] {
    return this.#state.directory.tenants;
  }

  /** Puts an application into a tenant, in place of one with the same client id. */
  register(tenantId: string, application: FakeApplication): void {
    const others = (tenant: FakeTenant) =>
      tenant.applications.filter(({ clientId }) => clientId !== application.clientId);
    this.#state.directory.replace(
      this.tenants.map((tenant) =>
        tenant.id === tenantId ? { ...tenant, applications: [...others(tenant), application] } : tenant,
      ),
    );
  }

  /** From now on this person, or this application by client id, is refused with an AADSTS number wherever tokens are issued. */
  refuse(whom: string, code: number): void {
    this.#state.refusals.set(this.#idOf(whom), code);
  }

  allow(whom: string): void {
    this.#state.refusals.delete(this.#idOf(whom));
  }

  /** Refuses what was issued to this person so far, after `delay` milliseconds of the provider's clock; at once when absent. */
  revoke(userName: string, { delay = 0 }: { readonly delay?: number | undefined } = {}): void {
    const { user } = this.#person(userName);
    this.#state.grants.revoke(user, this.#state.now + delay);
  }

  /** What an access token says, and whether the provider still stands by it; `undefined` for one that is not its own. */
  introspect(token: string): TokenFacts | undefined {
    return factsOf(this.#state, token);
  }

  /** An access token for an application itself, issued past the token endpoint. */
  issueForApplication(
    tenantId: string,
    application: Pick<FakeApplication, 'clientId' | 'objectId' | 'roles'>,
    scope: string,
  ): string {
    const tenant = this.#state.directory.tenant(tenantId);
    if (tenant === undefined) throw new Error(`There is no tenant ${tenantId}.`);
    return applicationToken(this.#state, tenant, application, scope);
  }

  /** Every device code so far, oldest first. */
  deviceCodes(): readonly DeviceState[] {
    return this.#state.grants.devices().map(({ userCode, state, polls }) => ({ userCode, state, polls }));
  }

  /** The person with this code has signed in at the page. */
  approveDevice(userCode: string, userName: string): void {
    const device = this.#device(userCode);
    const { clientId, scopes } = device;
    const person = this.#person(userName);
    device.signIn = { ...person, clientId, scopes, sequence: this.#state.grants.next() };
    device.state = 'approved';
  }

  /** The person with this code has said no. */
  declineDevice(userCode: string): void {
    this.#device(userCode).state = 'declined';
  }

  /** The next `times` polls with this code are answered `slow_down`. */
  slowDown(userCode: string, times: number): void {
    this.#device(userCode).slowDowns = times;
  }

  /** Refresh tokens that have been handed out and not replaced. */
  get refreshTokens(): readonly string[] {
    return this.#state.grants.refreshTokens();
  }

  /** Whether the token endpoint would still redeem this refresh token. */
  isRedeemable(refreshToken: string): boolean {
    const { grants, now, settings } = this.#state;
    const known = grants.refreshToken(refreshToken);
    if (known === undefined) return false;
    const { signIn, usedAt } = known;
    const isIdle = now - usedAt > settings.refreshTokenLifetime;
    return !isIdle && !grants.isRevoked(signIn.user.objectId, signIn.sequence, now);
  }

  /** Every token, code and assertion that was ever issued, and every password and secret: none may be seen anywhere. */
  canaries(): readonly string[] {
    const passwords = this.tenants.flatMap(({ users }) => users.map(({ password }) => password));
    const secrets = this.tenants.flatMap(({ applications }) =>
      applications.flatMap((application) => application.secrets.map(({ value }) => value)),
    );
    return [...this.#state.issued, ...this.refreshTokens, ...passwords, ...secrets];
  }

  /** The build service whose assertions an application may trust. */
  get workload(): Workload {
    return this.#state.workload;
  }

  #idOf(whom: string): string {
    return this.#state.directory.user(whom)?.user.objectId ?? whom.toLowerCase();
  }

  #person(userName: string) {
    const found = this.#state.directory.user(userName);
    if (found === undefined) throw new Error(`There is no user ${userName}.`);
    return found;
  }

  #device(userCode: string): DeviceCode {
    const device = this.#state.grants.deviceOf(userCode);
    if (device === undefined) throw new Error(`There is no device code ${userCode}.`);
    return device;
  }
}
