import type { JSX } from 'preact';
import { Icon } from '../ui/icon.tsx';
import { COLUMN_TITLES } from './filter-bar.tsx';
import { COLUMNS, sortedBy, type Filter } from './filter.ts';

interface SessionTableHeadProps {
  readonly filter: Filter;
  readonly canSelect: boolean;
  readonly onFilter: (filter: Filter) => void;
}

export function SessionTableHead({ filter, canSelect, onFilter }: SessionTableHeadProps): JSX.Element {
  const order = filter.isDescending ? 'descending' : 'ascending';
  return (
    <thead role="rowgroup">
      <tr role="row" aria-rowindex={1}>
        {canSelect && (
          <th role="columnheader" scope="col" class="cell-check">
            <span class="unseen">Selected</span>
          </th>
        )}
        {COLUMNS.map((column) => (
          <th
            key={column}
            role="columnheader"
            scope="col"
            class={`cell-${column}`}
            aria-sort={filter.sort === column ? order : 'none'}
          >
            <button type="button" class="sorter" onClick={() => onFilter(sortedBy(filter, column))}>
              {COLUMN_TITLES[column]}
              {filter.sort === column && <Icon name={filter.isDescending ? 'down' : 'up'} />}
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}
