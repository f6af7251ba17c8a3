import {
  plainText,
  type Effect,
  type Outcome,
  type PlanStep,
  type Session,
  type SkipReason,
  type Verification,
} from '@slipline/core';
import type { JsonObject } from '@slipline/core';
import type { Column } from './output.ts';
import { textColumn, textOf } from './text-column.ts';

const DONE: Readonly<Record<Effect, string>> = {
  forget: 'forgotten',
  detach: 'detached',
  end: 'ended',
  revoke: 'revoked',
};

const VERIFIED: Readonly<Record<Verification, string>> = {
  verified: 'verified',
  pending: 'not verified yet',
  'not-checked': 'not checked',
  'not-possible': 'cannot be verified',
};

const SKIPPED: Readonly<Record<SkipReason, string>> = {
  declined: 'not confirmed',
  adopted: 'it was adopted, not opened here; --include-adopted ends it as well',
  'own-session': 'it is the one this command runs in; name it to end it',
};

/** `Administrator on ov1.example (hpe-oneview:1)`. */
export function sessionName(session: Session): string {
  return `${plainText(session.label, 200)} (${plainText(sessionAddress(session), 200)})`;
}

/** How a session is written on the command line: `hpe-oneview:1`. */
export function sessionAddress({ provider, id }: Pick<Session, 'provider' | 'id'>): string {
  return `${provider}:${id}`;
}

/** `would end Administrator on ov1.example (hpe-oneview:1)`. */
export function stepSentence({ session, effect }: PlanStep): string {
  return `${effect} ${sessionName(session)}`;
}

/** One line for one session: what was done, whether it was verified, and what access remains until when. */
export function outcomeSentence(outcome: Outcome): string {
  const name = sessionName(outcome.session);
  switch (outcome.status) {
    case 'disconnected': {
      const residual = outcome.residual.map(
        ({ what, until }) =>
          `; remains: ${plainText(what, 300)}${until === undefined ? '' : ` until ${plainText(until, 40)}`}`,
      );
      return `${DONE[outcome.effect]}: ${name}, ${VERIFIED[outcome.verification]}${residual.join('')}`;
    }
    case 'already-gone':
      return `already gone: ${name}`;
    case 'skipped':
      return `skipped: ${name}: ${SKIPPED[outcome.reason]}`;
    case 'failed':
      return `failed: ${name}: ${outcome.error.code}`;
    default:
      return outcome satisfies never;
  }
}

const inner = (outer: string, name: string): Column => ({
  heading: name,
  value: (row) => textOf((row[outer] ?? {}) as JsonObject, name),
});

/** Outcomes as CSV. */
export const OUTCOME_COLUMNS: readonly Column[] = [
  inner('session', 'provider'),
  inner('session', 'id'),
  inner('session', 'endpoint'),
  inner('session', 'label'),
  textColumn('status', 'status'),
  textColumn('effect', 'effect'),
  textColumn('verification', 'verification'),
  textColumn('reason', 'reason'),
  inner('error', 'code'),
];
