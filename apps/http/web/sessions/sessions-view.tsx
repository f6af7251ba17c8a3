import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { address, choose } from '../address.ts';
import type { Effect, ListedSession, Plan } from '../api/types.ts';
import { ConnectDialog } from '../connect/connect-dialog.tsx';
import { JobPanel } from '../jobs/job-panel.tsx';
import { PlanDialog } from '../jobs/plan-dialog.tsx';
import { usePage } from '../page.ts';
import { useStore } from '../store.ts';
import { count, plural } from '../text/words.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { Icon } from '../ui/icon.tsx';
import { select } from './board.ts';
import { FilterBar } from './filter-bar.tsx';
import { arrange, filterOf, searchOf, type Filter } from './filter.ts';
import { MissingNotice } from './missing-notice.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { SessionDetails } from './session-details.tsx';
import { SessionTable } from './session-table.tsx';

export function SessionsView(): JSX.Element {
  const page = usePage();
  const { api, providers, isOperator, say } = page;
  const board = useStore(page.board);
  const search = useStore(address);
  const filter = useMemo(() => filterOf(search), [search]);
  const rows = useMemo(() => arrange(board.sessions.values(), filter), [board.sessions, filter]);
  const [opened, setOpened] = useState<string>();
  const [isConnecting, setConnecting] = useState(false);
  const [plan, setPlan] = useState<Plan>();
  const [isPlanning, setPlanning] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  const onFilter = (next: Filter): void => choose('sessions', searchOf(next));
  const onSelect = (keys: readonly string[], isSelected: boolean): void =>
    page.board.update((now) => select(now, keys, isSelected));
  const selected = useMemo(
    () => [...board.selected].flatMap((key) => board.sessions.get(key) ?? []),
    [board.selected, board.sessions],
  );
  const visible = useMemo(() => new Set(rows.map(({ key }) => key)), [rows]);
  const shownSelected = selected.filter(({ key }) => visible.has(key)).length;

  useEffect(() => {
    if (board.hasBeenRead) say(`${plural(rows.length, 'session')} of ${count(board.sessions.size)} shown`);
  }, [filter, board.hasBeenRead]);

  const onPlan = async (keys: readonly string[], effect: Effect | undefined): Promise<void> => {
    setPlanning(true);
    setProblem(undefined);
    try {
      setPlan(await api.post<Plan>('/v1/plans', { sessions: keys, ...(effect !== undefined && { effect }) }));
    } catch (error) {
      setProblem(error);
    } finally {
      setPlanning(false);
    }
  };
  const openedSession: ListedSession | undefined =
    opened === undefined ? undefined : board.sessions.get(opened);

  return (
    <>
      <div class="view-head">
        <h1>Sessions</h1>
        {isOperator && (
          <button type="button" class="button primary" onClick={() => setConnecting(true)}>
            <Icon name="plus" /> Connect
          </button>
        )}
      </div>
      <FilterBar filter={filter} providers={providers} onFilter={onFilter} />
      <JobPanel />
      {problem !== undefined && <ProblemNotice error={problem} />}
      <MissingNotice problems={board.problems} />
      <div class="summary">
        <p>
          {board.hasBeenRead || rows.length > 0
            ? `${count(rows.length)} of ${plural(board.sessions.size, 'session')}`
            : 'Reading the sessions…'}
        </p>
        {isOperator && shownSelected < rows.length && (
          <button type="button" class="button quiet" onClick={() => onSelect([...visible], true)}>
            Select all {count(rows.length)}
          </button>
        )}
      </div>
      {selected.length > 0 && (
        <SelectionBar
          sessions={selected}
          hidden={selected.length - shownSelected}
          isPlanning={isPlanning}
          onPlan={(effect) =>
            void onPlan(
              selected.map(({ key }) => key),
              effect,
            )
          }
          onClear={() => onSelect([...board.selected], false)}
        />
      )}
      <p id="row-keys" class="unseen">
        Arrow keys go from row to row, with Shift they select on the way.
      </p>
      {rows.length > 0 ? (
        <SessionTable
          rows={rows}
          board={board}
          providers={providers}
          filter={filter}
          canSelect={isOperator}
          onFilter={onFilter}
          onSelect={onSelect}
          onOpen={({ key }) => setOpened(key)}
        />
      ) : (
        board.hasBeenRead && <Nothing isFiltered={board.sessions.size > 0} canConnect={isOperator} />
      )}
      {openedSession !== undefined && (
        <SessionDetails
          session={openedSession}
          mark={board.marks.get(openedSession.key)}
          onClose={() => setOpened(undefined)}
        />
      )}
      {isConnecting && <ConnectDialog onClose={() => setConnecting(false)} />}
      {plan !== undefined && <PlanDialog plan={plan} onClose={() => setPlan(undefined)} />}
    </>
  );
}

interface NothingProps {
  readonly isFiltered: boolean;
  readonly canConnect: boolean;
}

function Nothing({ isFiltered, canConnect }: NothingProps): JSX.Element {
  if (isFiltered) return <p class="nothing">No session matches. Clear the filters to see them all.</p>;
  const how = canConnect
    ? 'Connect to a system, or watch one to see what others have open there.'
    : 'What Slipline opens and what it watches appears here.';
  return <p class="nothing">No sessions. {how}</p>;
}
