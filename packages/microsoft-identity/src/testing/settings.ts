/** Everything about the provider that can change while it runs, besides who is in its directory. */
export interface Settings {
  /** Seconds. */
  readonly accessTokenLifetime: number;
  /** Milliseconds without use after which a refresh token is refused. */
  readonly refreshTokenLifetime: number;
  /**
   * `additive`: a refresh hands out a new refresh token and the old one stays good, as the real system does. `exclusive`: the
   * old one dies. `none`: no new one comes.
   */
  readonly rotation: 'additive' | 'exclusive' | 'none';
  /** What a token's answer says in `scope`: what was asked for, or what `/.default` stands for. */
  readonly scopeEcho: 'requested' | 'granted';
  /** Whether answers carry `client_info`. */
  readonly clientInfo: boolean;
  /** Seconds that a device code lives, and that its owner is to wait between two polls. */
  readonly deviceCode: { readonly lifetime: number; readonly interval: number };
  /** The audience of scopes that name none, such as `User.Read`. */
  readonly graph: string;
}

export const DEFAULT_SETTINGS: Settings = {
  accessTokenLifetime: 3600,
  refreshTokenLifetime: 90 * 86_400_000,
  rotation: 'additive',
  scopeEcho: 'requested',
  clientInfo: true,
  deviceCode: { lifetime: 900, interval: 5 },
  graph: 'https://graph.microsoft.com',
};
