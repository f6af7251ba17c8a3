import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { address, choose } from '../address.ts';
import type { Items, Receipt } from '../api/types.ts';
import { usePage } from '../page.ts';
import { useStore } from '../store.ts';
import { moment } from '../text/times.ts';
import { ReceiptBadge } from '../ui/badge.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { usePages } from '../ui/use-pages.ts';
import { HistoryFilterBar } from './history-filter-bar.tsx';
import { historyFilterOf, receiptQuery } from './history-filter.ts';
import { ReceiptDetails } from './receipt-details.tsx';
import { whatWords } from './receipt-words.ts';

const PAGE = 100;

export function HistoryView(): JSX.Element {
  const { api, providers } = usePage();
  const search = useStore(address);
  const filter = useMemo(() => historyFilterOf(search), [search]);
  const query = receiptQuery(filter);
  const { items, problem, hasMore, more } = usePages<Receipt>(JSON.stringify(query), (cursor) =>
    api.get<Items<Receipt>>('/v1/receipts', { ...query, limit: PAGE, cursor }),
  );
  const [opened, setOpened] = useState<Receipt>();
  return (
    <>
      <div class="view-head">
        <h1>History</h1>
      </div>
      <p class="lead">
        What was done, by whom and what came of it. Kept 90 days; not proof against tampering.
      </p>
      <HistoryFilterBar filter={filter} providers={providers} onFilter={(next) => choose('history', next)} />
      {problem !== undefined && <ProblemNotice error={problem} />}
      {items?.length === 0 && <p class="nothing">No receipt matches.</p>}
      {items !== undefined && items.length > 0 && <Receipts receipts={items} onOpen={setOpened} />}
      {hasMore && (
        <button type="button" class="button load-more" onClick={more}>
          Load more
        </button>
      )}
      {opened !== undefined && <ReceiptDetails receipt={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

interface ReceiptsProps {
  readonly receipts: readonly Receipt[];
  readonly onOpen: (receipt: Receipt) => void;
}

function Receipts({ receipts, onOpen }: ReceiptsProps): JSX.Element {
  return (
    <table class="list" role="table" aria-label="Receipts">
      <thead role="rowgroup">
        <tr role="row">
          {['When', 'Who', 'What', 'Session', 'Where', 'Outcome'].map((title) => (
            <th key={title} role="columnheader" scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {receipts.map((receipt) => (
          <tr key={receipt.operation} role="row">
            <td role="cell" data-title="When">
              <time dateTime={receipt.startedAt}>{moment(receipt.startedAt)}</time>
            </td>
            <td role="cell" data-title="Who">
              {receipt.user}
            </td>
            <td role="cell" data-title="What">
              {whatWords(receipt)}
            </td>
            <td role="cell" data-title="Session">
              <button type="button" class="link" onClick={() => onOpen(receipt)}>
                {receipt.session.label}
              </button>
            </td>
            <td role="cell" data-title="Where">
              {receipt.session.endpoint}
            </td>
            <td role="cell" data-title="Outcome">
              <ReceiptBadge receipt={receipt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
