import type { JSX } from 'preact';
import type { Mark } from '../sessions/board.ts';
import type { ListedSession, Outcome, Receipt } from '../api/types.ts';
import { isUndone, outcomeWords, STATE_WORDS } from '../text/words.ts';
import { Icon, type IconName } from './icon.tsx';

type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'busy';

interface BadgeProps {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly words: string;
}

/** An icon and words: never colour alone. */
export function Badge({ tone, icon, words }: BadgeProps): JSX.Element {
  return (
    <span class={`badge ${tone}`} title={words}>
      <Icon name={icon} />
      <span class="badge-words">{words}</span>
    </span>
  );
}

const STATES: Readonly<Record<ListedSession['state'], { tone: Tone; icon: IconName }>> = {
  live: { tone: 'good', icon: 'dot' },
  detached: { tone: 'calm', icon: 'detached' },
  broken: { tone: 'bad', icon: 'cross' },
  expired: { tone: 'calm', icon: 'clock' },
  closing: { tone: 'warn', icon: 'clock' },
  closed: { tone: 'calm', icon: 'skip' },
  unknown: { tone: 'warn', icon: 'unknown' },
};

export function StateBadge({ state }: { readonly state: ListedSession['state'] }): JSX.Element {
  return <Badge {...STATES[state]} words={STATE_WORDS[state]} />;
}

const OUTCOMES: Readonly<Record<Outcome['status'], { tone: Tone; icon: IconName }>> = {
  disconnected: { tone: 'good', icon: 'check' },
  'already-gone': { tone: 'good', icon: 'check' },
  skipped: { tone: 'warn', icon: 'skip' },
  failed: { tone: 'bad', icon: 'cross' },
};

function OutcomeBadge({ outcome }: { readonly outcome: Omit<Outcome, 'key' | 'session'> }): JSX.Element {
  const look = isUndone(outcome) ? OUTCOMES.skipped : OUTCOMES[outcome.status];
  return <Badge {...look} words={outcomeWords(outcome)} />;
}

export function MarkBadge({ mark }: { readonly mark: Mark }): JSX.Element {
  if (mark.phase === 'ended') return <OutcomeBadge outcome={mark.outcome} />;
  const words = mark.phase === 'waiting' ? 'Waiting its turn' : 'Disconnecting…';
  return <Badge tone="busy" icon="clock" words={words} />;
}

/** What a receipt says became of it; one without an end is under way, or was cut short. */
export function ReceiptBadge({ receipt }: { readonly receipt: Receipt }): JSX.Element {
  const { status } = receipt;
  if (status === undefined) return <Badge tone="busy" icon="clock" words="No end written down" />;
  if (Object.hasOwn(OUTCOMES, status)) {
    const { effect, verification, skipped, error } = receipt;
    const outcome = { status: status as Outcome['status'], effect, verification, reason: skipped, error };
    return <OutcomeBadge outcome={outcome} />;
  }
  return <Badge tone="good" icon="check" words={receipt.kind === 'connect' ? 'Connected' : 'Done'} />;
}
