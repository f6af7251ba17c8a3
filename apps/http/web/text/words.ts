import type { Effect, Job, JobState, ListedSession, Outcome, Residual } from '../api/types.ts';
import { moment } from './times.ts';

const NUMBER = new Intl.NumberFormat('en');

export const count = (number: number): string => NUMBER.format(number);

/** `1 session`, `1,200 sessions`. */
export const plural = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${count(rest)} more`] : shown;
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

export const EFFECT_NAMES: Readonly<Record<Effect, string>> = {
  forget: 'Forget',
  detach: 'Detach',
  end: 'End',
  revoke: 'Revoke',
};

export const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  forget: 'only what is kept here goes; the system is not asked',
  detach: 'the session lives on, with nobody attached to it',
  end: 'the system ends the session; what was not saved in it is lost',
  revoke: 'the identity system refuses what was issued to these people or apps, here and elsewhere',
};

const EFFECT_DONE: Readonly<Record<Effect, string>> = {
  forget: 'Forgotten',
  detach: 'Detached',
  end: 'Ended',
  revoke: 'Revoked',
};

export const STATE_WORDS: Readonly<Record<ListedSession['state'], string>> = {
  live: 'Live',
  detached: 'Detached',
  broken: 'Broken',
  expired: 'Expired',
  closing: 'Closing',
  closed: 'Closed',
  unknown: 'Unknown',
};

export const OWNERSHIP_WORDS: Readonly<Record<ListedSession['ownership'], string>> = {
  opened: 'Own',
  adopted: 'Adopted',
  foreign: 'Someone else’s',
};

const VERIFIED: Readonly<Record<NonNullable<Outcome['verification']>, string>> = {
  verified: 'verified',
  pending: 'asked for, not confirmed yet',
  'not-checked': 'not checked',
  'not-possible': 'the system cannot be asked',
};

const SKIPPED: Readonly<Record<NonNullable<Outcome['reason']>, string>> = {
  declined: 'declined',
  adopted: 'it was adopted, not opened here',
  'own-session': 'the service runs in it',
};

export const JOB_STATES: Readonly<Record<JobState, string>> = {
  queued: 'Waiting to begin',
  running: 'Disconnecting',
  done: 'Finished',
  cancelled: 'Cancelled',
  parked: 'Paused until the service is back',
};

type Told = Pick<Outcome, 'status' | 'effect' | 'verification' | 'reason' | 'error'>;

/** The job was cancelled before it came to this session, or in the midst of it. */
export const isUndone = ({ status, error }: Pick<Outcome, 'status' | 'error'>): boolean =>
  status === 'failed' && error?.code === 'aborted';

/** What became of one session, in words. */
export function outcomeWords({ status, effect, verification, reason, error }: Told): string {
  switch (status) {
    case 'disconnected': {
      const done = effect === undefined ? 'Disconnected' : EFFECT_DONE[effect];
      return verification === undefined ? done : `${done}, ${VERIFIED[verification]}`;
    }
    case 'already-gone':
      return 'Already gone';
    case 'skipped':
      return reason === undefined ? 'Skipped' : `Skipped: ${SKIPPED[reason]}`;
    case 'failed':
      return `${isUndone({ status, error }) ? 'Not done' : 'Failed'}: ${error?.message ?? 'no reason was given'}`;
    default:
      return status satisfies never;
  }
}

/** What access remains, and until when. */
export function residualWords(residual: readonly Residual[] | undefined): string {
  return (residual ?? [])
    .map(({ what, until }) => (until === undefined ? what : `${what}, until ${moment(until)}`))
    .join('; ');
}

/** `197 disconnected, 3 failed`. */
export function jobWords({ counts, total }: Pick<Job, 'counts' | 'total'>): string {
  const parts = [
    [counts.disconnected, 'disconnected'],
    [counts.alreadyGone, 'already gone'],
    [counts.skipped, 'skipped'],
    [counts.failed, 'failed'],
    [counts.waiting, 'waiting'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
  return told.length === 0 ? plural(total, 'session') : told.join(', ');
}
