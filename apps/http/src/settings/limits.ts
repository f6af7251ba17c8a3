/** What one service bears, whoever asks. */
export interface Limits {
  /** Requests in a minute from one address, and with one key or sign-in. */
  readonly requestsPerAddress: number;
  readonly requestsPerUser: number;
  /** Refused sign-ins in a minute, of one address with one key. */
  readonly failedSignIns: number;
  /** Bytes of a request's body, where its route does not say another number. */
  readonly bodyBytes: number;
  readonly connections: number;
  /** Seconds that the head of a request may take to come, and the whole of it. */
  readonly headSeconds: number;
  readonly requestSeconds: number;
}

export const DEFAULT_LIMITS: Limits = {
  requestsPerAddress: 6000,
  requestsPerUser: 3000,
  failedSignIns: 10,
  bodyBytes: 1024 * 1024,
  connections: 2000,
  headSeconds: 10,
  requestSeconds: 30,
};
