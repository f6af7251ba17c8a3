import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { choose } from '../address.ts';
import { usePage } from '../page.ts';
import { useStore } from '../store.ts';
import { count, plural } from '../text/words.ts';
import { select } from './board.ts';
import { arrange, searchOf, type Filter } from './filter.ts';
import { SelectedSessions } from './selected-sessions.tsx';
import { SessionDetails } from './session-details.tsx';
import { SessionTable } from './session-table.tsx';

/** The sessions that a filter shows, and what is selected of them. */
export function SessionList({ filter }: { readonly filter: Filter }): JSX.Element {
  const page = usePage();
  const { providers, isOperator, say } = page;
  const board = useStore(page.board);
  const rows = useMemo(() => arrange(board.sessions.values(), filter), [board.sessions, filter]);
  const shown = useMemo(() => new Set(rows.map(({ key }) => key)), [rows]);
  const selected = useMemo(
    () => [...board.selected].flatMap((key) => board.sessions.get(key) ?? []),
    [board.selected, board.sessions],
  );
  const [openedKey, setOpenedKey] = useState('');
  const opened = board.sessions.get(openedKey);
  const hidden = selected.filter(({ key }) => !shown.has(key)).length;
  const total = board.sessions.size;

  useEffect(() => {
    if (board.hasBeenRead) say(`${plural(rows.length, 'session')} of ${count(total)} shown`);
  }, [filter, board.hasBeenRead]);

  const onSelect = (keys: readonly string[], isSelected: boolean): void =>
    page.board.update((now) => select(now, keys, isSelected));

  return (
    <>
      <div class="summary">
        <p>
          {board.hasBeenRead || total > 0
            ? `${count(rows.length)} of ${plural(total, 'session')}`
            : 'Reading the sessions…'}
        </p>
        {isOperator && selected.length - hidden < rows.length && (
          <button type="button" class="button quiet" onClick={() => onSelect([...shown], true)}>
            Select all {count(rows.length)}
          </button>
        )}
      </div>
      <SelectedSessions sessions={selected} hidden={hidden} />
      {rows.length > 0 ? (
        <SessionTable
          rows={rows}
          board={board}
          providers={providers}
          filter={filter}
          canSelect={isOperator}
          onFilter={(next) => choose('sessions', searchOf(next))}
          onSelect={onSelect}
          onOpen={({ key }) => setOpenedKey(key)}
        />
      ) : (
        board.hasBeenRead && <p class="nothing">{nothingWords(total > 0, isOperator)}</p>
      )}
      {opened !== undefined && (
        <SessionDetails
          session={opened}
          mark={board.marks.get(opened.key)}
          onClose={() => setOpenedKey('')}
        />
      )}
    </>
  );
}

function nothingWords(isFiltered: boolean, canConnect: boolean): string {
  if (isFiltered) return 'No session matches. Clear the filters to see them all.';
  if (canConnect) return 'No sessions. Connect to a system, or watch one to see what others have open there.';
  return 'No sessions. What Slipline opens and what it watches appears here.';
}
