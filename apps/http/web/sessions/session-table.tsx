import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ListedSession, ProviderInfo } from '../api/types.ts';
import { between, type Board } from './board.ts';
import type { Filter } from './filter.ts';
import { nextRow } from './row-keys.ts';
import { segments } from './row-window.ts';
import { SessionRow } from './session-row.tsx';
import { SessionTableHead } from './session-table-head.tsx';
import { useRowFocus } from './use-row-focus.ts';
import { useRowView } from './use-row-view.ts';

interface SessionTableProps {
  readonly rows: readonly ListedSession[];
  readonly board: Board;
  readonly providers: readonly ProviderInfo[];
  readonly filter: Filter;
  readonly canSelect: boolean;
  readonly onFilter: (filter: Filter) => void;
  readonly onSelect: (keys: readonly string[], isSelected: boolean) => void;
  readonly onOpen: (session: ListedSession) => void;
}

/** Thousands of rows, of which those in view are drawn. One row is a stop of the Tab key; arrow keys go to the others. */
export function SessionTable(props: SessionTableProps): JSX.Element {
  const { rows, board, filter, canSelect, onFilter, onSelect, onOpen } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const view = useRowView(body, rows.length);
  const [active, setActive] = useState<string>();
  const anchor = useRef<string | undefined>(undefined);
  const focus = useRowFocus(body);
  const found = rows.findIndex(({ key }) => key === active);
  const activeIndex = found === -1 ? 0 : found;

  const selectRow = (key: string, isSelected: boolean, isRange: boolean): void => {
    onSelect(isRange ? between(rows, anchor.current, key) : [key], isSelected);
    anchor.current = key;
    setActive(key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const control = event.target instanceof HTMLElement ? event.target.dataset['control'] : undefined;
    const to = control === undefined ? undefined : nextRow(event.key, activeIndex, rows.length);
    const next = to === undefined ? undefined : rows[to];
    if (control === undefined || next === undefined) return;
    event.preventDefault();
    const from = rows[activeIndex];
    if (event.shiftKey && canSelect && from !== undefined) {
      anchor.current ??= from.key;
      onSelect(between(rows, anchor.current, next.key), true);
    }
    focus.moveTo({ key: next.key, control });
    setActive(next.key);
  };

  return (
    <>
      <p id="row-keys" class="unseen">
        Arrow keys go from row to row, with Shift they select on the way.
      </p>
      <table
        class={canSelect ? 'sessions selectable' : 'sessions'}
        role="table"
        aria-label="Sessions"
        aria-describedby="row-keys"
        aria-rowcount={rows.length + 1}
      >
        <SessionTableHead filter={filter} canSelect={canSelect} onFilter={onFilter} />
        <tbody
          role="rowgroup"
          ref={body}
          onKeyDown={onKeyDown}
          onFocusIn={focus.onFocusIn}
          onFocusOut={focus.onFocusOut}
        >
          {segments(rows.length, view, activeIndex).map((segment) => {
            if (segment.kind === 'gap')
              return (
                <tr
                  key={`gap ${segment.from}`}
                  role="presentation"
                  class="gap"
                  style={{ height: `${segment.rows * view.rowHeight}px` }}
                />
              );
            const session = rows[segment.index];
            if (session === undefined) return null;
            return (
              <SessionRow
                key={session.key}
                session={session}
                providers={props.providers}
                place={segment.index + 2}
                mark={board.marks.get(session.key)}
                isGone={board.gone.has(session.key)}
                isSelected={canSelect ? board.selected.has(session.key) : undefined}
                isStop={segment.index === activeIndex}
                onSelect={(isSelected, isRange) => selectRow(session.key, isSelected, isRange)}
                onOpen={() => {
                  setActive(session.key);
                  onOpen(session);
                }}
              />
            );
          })}
        </tbody>
      </table>
    </>
  );
}
