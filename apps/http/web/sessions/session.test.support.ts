import type { ListedSession, Outcome } from '../api/types.ts';

/** A session of a file server, with what is given. */
export function session(key: string, given: Partial<ListedSession> = {}): ListedSession {
  return {
    key,
    provider: 'smb-sessions',
    endpoint: 'FILES01',
    id: key,
    kind: 'session',
    label: `session ${key}`,
    state: 'live',
    ownership: 'foreign',
    effects: ['end'],
    fingerprint: key,
    details: {},
    ...given,
  };
}

export const done = (key: string): Outcome => ({
  session: session(key),
  key,
  status: 'disconnected',
  effect: 'end',
  verification: 'verified',
  residual: [],
});

export const failed = (key: string): Outcome => ({
  session: session(key),
  key,
  status: 'failed',
  error: { code: 'unreachable', message: 'the host does not answer', next: 'see whether it is up' },
});
