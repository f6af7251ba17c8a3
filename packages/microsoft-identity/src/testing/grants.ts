import { randomBytes, randomInt } from 'node:crypto';
import type { FakeTenant, FakeUser } from './directory.ts';

/** Somebody who has proved who they are. Revocation looks at the order of these, not at the clock. */
export interface SignIn {
  readonly tenant: FakeTenant;
  readonly user: FakeUser;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly nonce?: string | undefined;
  /** Counts up with every sign-in and every revocation. */
  readonly sequence: number;
}

export interface Authorization {
  readonly signIn: SignIn;
  readonly redirectUri: string;
  readonly challenge?: string | undefined;
  readonly expiresAt: number;
  isRedeemed: boolean;
}

export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  /** GUID, name or `organizations`, as the request's path had it. */
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
  state: 'pending' | 'approved' | 'declined' | 'redeemed';
  /** How many polls are still answered `slow_down`. */
  slowDowns: number;
  /** How many have come. */
  polls: number;
  signIn?: SignIn;
}

interface RefreshToken {
  readonly signIn: SignIn;
  usedAt: number;
}

/** Without vowels, so that no word comes out. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** What has been handed out: authorization codes, device codes and refresh tokens. */
export class Grants {
  readonly #authorizations = new Map<string, Authorization>();
  readonly #devices = new Map<string, DeviceCode>();
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #revocations = new Map<string, { sequence: number; effectiveAt: number }>();
  #sequence = 0;

  next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  authorize(authorization: Omit<Authorization, 'isRedeemed'>): string {
    const code = `fake-code.${randomBytes(48).toString('base64url')}`;
    this.#authorizations.set(code, { ...authorization, isRedeemed: false });
    return code;
  }

  authorization(code: string): Authorization | undefined {
    return this.#authorizations.get(code);
  }

  addDevice(request: Pick<DeviceCode, 'clientId' | 'tenant' | 'scopes' | 'expiresAt'>): DeviceCode {
    const deviceCode = `fake-device.${randomBytes(48).toString('base64url')}`;
    const userCode = Array.from({ length: 9 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
    const device: DeviceCode = { ...request, deviceCode, userCode, state: 'pending', slowDowns: 0, polls: 0 };
    this.#devices.set(deviceCode, device);
    return device;
  }

  device(deviceCode: string): DeviceCode | undefined {
    return this.#devices.get(deviceCode);
  }

  devices(): readonly DeviceCode[] {
    return [...this.#devices.values()];
  }

  deviceOf(userCode: string): DeviceCode | undefined {
    return this.devices().find((device) => device.userCode === userCode.toUpperCase());
  }

  addRefreshToken(signIn: SignIn, now: number): string {
    const token = `fake-refresh.${randomBytes(96).toString('base64url')}`;
    this.#refreshTokens.set(token, { signIn, usedAt: now });
    return token;
  }

  refreshToken(token: string): RefreshToken | undefined {
    return this.#refreshTokens.get(token);
  }

  dropRefreshToken(token: string): void {
    this.#refreshTokens.delete(token);
  }

  /** Refresh tokens that could still be redeemed, as far as time goes. */
  refreshTokens(): readonly string[] {
    return [...this.#refreshTokens.keys()];
  }

  revoke({ objectId }: FakeUser, effectiveAt: number): void {
    this.#revocations.set(objectId, { sequence: this.next(), effectiveAt });
  }

  /** Whether a sign-in of this number was before the person's last revocation, and that has taken effect. */
  isRevoked(objectId: string, sequence: number, now: number): boolean {
    const revocation = this.#revocations.get(objectId);
    return revocation !== undefined && sequence < revocation.sequence && now >= revocation.effectiveAt;
  }
}
