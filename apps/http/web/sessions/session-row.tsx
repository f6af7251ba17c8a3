import type { JSX } from 'preact';
import type { ListedSession, ProviderInfo } from '../api/types.ts';
import { titleOf } from '../page.ts';
import { duration } from '../text/times.ts';
import { OWNERSHIP_WORDS, residualWords } from '../text/words.ts';
import { MarkBadge, StateBadge } from '../ui/badge.tsx';
import { Elapsed } from '../ui/elapsed.tsx';
import { isDone, type Mark } from './board.ts';
import { idleSeconds } from './filter.ts';

interface SessionRowProps {
  readonly session: ListedSession;
  readonly providers: readonly ProviderInfo[];
  /** Its place in the table, the head being 1. */
  readonly place: number;
  readonly mark: Mark | undefined;
  readonly isGone: boolean;
  /** Nothing where sessions cannot be selected. */
  readonly isSelected: boolean | undefined;
  /** Whether the Tab key stops here. */
  readonly isStop: boolean;
  readonly onSelect: (isSelected: boolean, isRange: boolean) => void;
  readonly onOpen: () => void;
}

export function SessionRow(props: SessionRowProps): JSX.Element {
  const { session, providers, place, mark, isGone, isSelected, isStop, onSelect, onOpen } = props;
  const tabIndex = isStop ? 0 : -1;
  const idle = idleSeconds(session);
  return (
    <tr
      role="row"
      aria-rowindex={place}
      data-key={session.key}
      class={`${isSelected === true ? 'selected' : ''} ${isGone ? 'gone' : ''} ${phaseOf(mark)}`}
    >
      {isSelected !== undefined && (
        <td role="cell" class="cell-check">
          <input
            type="checkbox"
            data-control="check"
            tabIndex={tabIndex}
            checked={isSelected}
            aria-label={`Select ${session.label}`}
            onClick={(event) => onSelect(event.currentTarget.checked, event.shiftKey)}
          />
        </td>
      )}
      <td role="cell" class="cell-state">
        {mark === undefined ? <StateBadge state={session.state} /> : <MarkBadge mark={mark} />}
        <RowNote mark={mark} />
      </td>
      <td role="cell" class="cell-principal" title={session.principal}>
        {session.principal ?? <span class="muted">nobody named</span>}
      </td>
      <td role="cell" class="cell-label">
        <button
          type="button"
          class="link"
          data-control="open"
          tabIndex={tabIndex}
          title={session.label}
          onClick={onOpen}
        >
          {session.label}
        </button>
        <small>
          {titleOf(providers, session.provider)} · {session.kind}
          {session.isDefault === true && ' · default'}
        </small>
      </td>
      <td role="cell" class="cell-endpoint" title={session.endpoint}>
        {session.endpoint}
      </td>
      <td role="cell" class="cell-age">
        <Elapsed since={session.openedAt} />
      </td>
      <td role="cell" class="cell-idle">
        {idle === undefined ? <span class="muted">—</span> : duration(idle)}
      </td>
      <td role="cell" class="cell-ownership">
        {OWNERSHIP_WORDS[session.ownership]}
      </td>
    </tr>
  );
}

const phaseOf = (mark: Mark | undefined): string => {
  if (mark === undefined) return '';
  if (mark.phase !== 'ended') return 'busy';
  return isDone(mark.outcome) ? 'done' : 'failed';
};

/** What can be done about it, or what access remains. */
function RowNote({ mark }: { readonly mark: Mark | undefined }): JSX.Element | null {
  if (mark?.phase !== 'ended') return null;
  const { error, residual } = mark.outcome;
  const remains = residualWords(residual);
  if (error?.next !== undefined) return <small title={error.next}>Next: {error.next}</small>;
  if (remains !== '') return <small title={remains}>Remains: {remains}</small>;
  return null;
}
