import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { address, choose } from '../address.ts';
import { ConnectDialog } from '../connect/connect-dialog.tsx';
import { JobPanel } from '../jobs/job-panel.tsx';
import { usePage } from '../page.ts';
import { useStore } from '../store.ts';
import { Icon } from '../ui/icon.tsx';
import { FilterBar } from './filter-bar.tsx';
import { filterOf, searchOf } from './filter.ts';
import { MissingNotice } from './missing-notice.tsx';
import { SessionList } from './session-list.tsx';

export function SessionsView(): JSX.Element {
  const { board, providers, isOperator } = usePage();
  const { problems } = useStore(board);
  const search = useStore(address);
  const filter = useMemo(() => filterOf(search), [search]);
  const [isConnecting, setConnecting] = useState(false);
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
      <FilterBar
        filter={filter}
        providers={providers}
        onFilter={(next) => choose('sessions', searchOf(next))}
      />
      <JobPanel />
      <MissingNotice problems={problems} />
      <SessionList filter={filter} />
      {isConnecting && <ConnectDialog onClose={() => setConnecting(false)} />}
    </>
  );
}
