import type { LedgerEntry, Receipt, Session } from '@slipline/core';
import { sessionName } from '../output/outcomes.ts';
import { counted, type Finding } from './finding.ts';

const SOON = 3_600_000;
/** Of a limit, what is to be free before anybody has to be told; the rest is near enough. */
const ROOM = 0.1;
/** Milliseconds that clocks may differ before signatures and tokens are refused. */
const SKEW = 60_000;

/** What is open, what was left behind, what nobody knows of, and what will end by itself. */
export function findSessions(entries: readonly LedgerEntry[], now: number): readonly Finding[] {
  const open = entries.filter(({ state, isOrphan }) => state === 'open' && !isOrphan);
  const ofProcesses = open.filter(({ scope }) => scope === 'process').length;
  const left = entries.filter(({ isOrphan, state }) => isOrphan && state !== 'unknown');
  const unknown = entries.filter(({ state }) => state === 'unknown');
  const of = ofProcesses === 0 ? '' : `, ${ofProcesses} of them of processes that run`;
  return [
    { about: 'sessions', level: 'ok', what: `${counted(open.length, 'session')} open${of}` },
    ...left.map(({ session, state }): Finding => {
      const why = state === 'closing' ? 'its disconnect did not come to an end' : 'its process is gone';
      return {
        about: 'sessions',
        level: 'problem',
        what: `left behind: ${sessionName(session)}, ${why}`,
        next: 'slipline cleanup',
      };
    }),
    ...unknown.map(({ session }): Finding => {
      const what = `not known: whether ${sessionName(session)} was opened`;
      return {
        about: 'sessions',
        level: 'problem',
        what,
        next: 'slipline cleanup says more; --force forgets it',
      };
    }),
    ...open.flatMap(({ session }): readonly Finding[] => {
      const left = Date.parse(session.expiresAt ?? '') - now;
      if (Number.isNaN(left) || left > SOON) return [];
      const what = left <= 0 ? 'has expired' : `expires in ${Math.ceil(left / 60_000)} minutes`;
      return [{ about: 'sessions', level: 'note', what: `${sessionName(session)} ${what}` }];
    }),
  ];
}

/** Limits of systems that are nearly reached, as providers tell them in the details of a session: `free` of `limit`. */
export function findQuotas(sessions: readonly Session[]): readonly Finding[] {
  const findings = new Map<string, Finding>();
  for (const { endpoint, details } of sessions) {
    for (const [name, room] of Object.entries(Object(details['quota']) as Record<string, unknown>)) {
      const { free, limit } = Object(room) as Record<string, unknown>;
      if (typeof free !== 'number' || typeof limit !== 'number' || free > limit * ROOM) continue;
      const what = `${endpoint}: ${free} of ${counted(limit, 'session')} are free (${name})`;
      findings.set(what, {
        about: 'quota',
        level: 'problem',
        what,
        next: `slipline ls --live shows whose they are`,
      });
    }
  }
  return [...findings.values()];
}

/** Whether this clock is that of others, and has not been set back. */
export function findClocks(
  skews: ReadonlyMap<string, number>,
  newest: Receipt | undefined,
  now: number,
): readonly Finding[] {
  const ahead = Date.parse(newest?.startedAt ?? '') - now;
  const next = 'set the clock of this machine, or of that system';
  const seconds = (milliseconds: number): string =>
    counted(Math.round(Math.abs(milliseconds) / 1000), 'second');
  const found: Finding[] = [...skews]
    .filter(([, skew]) => Math.abs(skew) > SKEW)
    .map(([host, skew]) => {
      const what = `${host} is ${seconds(skew)} ${skew > 0 ? 'ahead of' : 'behind'} this machine`;
      return { about: 'clock', level: 'problem', what, next };
    });
  if (ahead > SKEW)
    found.push({
      about: 'clock',
      level: 'problem',
      what: `the ledger is ${seconds(ahead)} ahead: the clock was set back`,
      next,
    });
  return found.length > 0
    ? found
    : [
        {
          about: 'clock',
          level: 'ok',
          what: `agrees with ${skews.size === 0 ? 'the ledger' : counted(skews.size, 'system')}`,
        },
      ];
}
