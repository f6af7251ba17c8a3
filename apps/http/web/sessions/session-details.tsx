import { plainText } from '@slipline/core';
import type { JSX } from 'preact';
import type { ListedSession } from '../api/types.ts';
import { titleOf, usePage } from '../page.ts';
import { moment } from '../text/times.ts';
import { EFFECT_NAMES, EFFECT_WORDS, OWNERSHIP_WORDS, residualWords } from '../text/words.ts';
import { MarkBadge, StateBadge } from '../ui/badge.tsx';
import { Dialog, DialogText } from '../ui/dialog.tsx';
import { Facts } from '../ui/facts.tsx';
import { labelOf } from '../forms/form-model.ts';
import type { Mark } from './board.ts';

interface SessionDetailsProps {
  readonly session: ListedSession;
  readonly mark: Mark | undefined;
  readonly onClose: () => void;
}

export function SessionDetails({ session, mark, onClose }: SessionDetailsProps): JSX.Element {
  const { providers } = usePage();
  const outcome = mark?.phase === 'ended' ? mark.outcome : undefined;
  const details = Object.entries(session.details).map(
    ([name, value]) =>
      [
        labelOf(plainText(name, 80)),
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ] as const,
  );
  return (
    <Dialog title={session.label} onClose={onClose}>
      <DialogText>
        <Facts
          facts={[
            ['State', mark === undefined ? <StateBadge state={session.state} /> : <MarkBadge mark={mark} />],
            ['Next', outcome?.error?.next],
            ['What remains', residualWords(outcome?.residual)],
            ['Who', session.principal],
            ['Where', session.endpoint],
            ['Provider', titleOf(providers, session.provider)],
            ['Kind', session.kind],
            ['Number or id', session.id],
            ['Whose', OWNERSHIP_WORDS[session.ownership]],
            ['Open since', moment(session.openedAt)],
            ['Ends by itself', moment(session.expiresAt)],
          ]}
        />
        <h3>What can be done</h3>
        {session.effects.length === 0 ? (
          <p class="muted">Its system lets nobody disconnect it from here.</p>
        ) : (
          <Facts facts={session.effects.map((effect) => [EFFECT_NAMES[effect], EFFECT_WORDS[effect]])} />
        )}
        {details.length > 0 && <h3>Details</h3>}
        <Facts facts={details} />
      </DialogText>
    </Dialog>
  );
}
