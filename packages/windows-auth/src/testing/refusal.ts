/** Why a sign-in is refused, as NTSTATUS (MS-ERREF 2.3.1). */
export const NT_STATUS = {
  invalidParameter: 0xc000000d,
  logonFailure: 0xc000006d,
  passwordExpired: 0xc0000071,
  accountDisabled: 0xc0000072,
  timeDifference: 0xc0000133,
  passwordMustChange: 0xc0000224,
  accountLockedOut: 0xc0000234,
  badBindings: 0xc000035b,
  notSupported: 0xc00000bb,
} as const;

export type RefusalReason = keyof typeof NT_STATUS;

/** A sign-in or a message that was refused. Transports tell their clients the status at most, never the message. */
export class AuthRefusal extends Error {
  readonly reason: RefusalReason;
  readonly status: number;
  /** What the mechanism still sends, where it has a message for refusals: a NegTokenResp with `reject`, a TSRequest. */
  readonly token: Uint8Array | undefined;

  constructor(reason: RefusalReason, message: string, token?: Uint8Array) {
    super(message);
    this.name = 'AuthRefusal';
    this.reason = reason;
    this.status = NT_STATUS[reason];
    this.token = token;
  }
}
