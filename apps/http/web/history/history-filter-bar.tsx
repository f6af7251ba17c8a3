import type { JSX } from 'preact';
import type { ProviderInfo } from '../api/types.ts';
import { FilterFold } from '../ui/filter-fold.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { HISTORY_FIELDS, type HistoryFilter } from './history-filter.ts';

interface HistoryFilterBarProps {
  readonly filter: HistoryFilter;
  readonly providers: readonly ProviderInfo[];
  readonly onFilter: (filter: HistoryFilter) => void;
}

const KINDS = [
  ['', 'Any'],
  ['connect', 'Connect'],
  ['disconnect', 'Disconnect'],
  ['access', 'Access'],
  ['act', 'Action'],
] as const;

const STATUSES = [
  ['', 'Any'],
  ['disconnected', 'Disconnected'],
  ['already-gone', 'Already gone'],
  ['failed', 'Failed'],
  ['skipped', 'Skipped'],
  ['done', 'Done'],
  ['running', 'No end written down'],
] as const;

export function HistoryFilterBar({ filter, providers, onFilter }: HistoryFilterBarProps): JSX.Element {
  const setter = (name: keyof HistoryFilter) => (value: string) => onFilter({ ...filter, [name]: value });
  const titles = providers.map(({ id, title }) => [id, title] as const);
  const isFiltered = HISTORY_FIELDS.some((name) => filter[name] !== '');
  const nothing = Object.fromEntries(HISTORY_FIELDS.map((name) => [name, ''])) as HistoryFilter;
  return (
    <FilterFold onClear={isFiltered ? () => onFilter(nothing) : undefined}>
      <SelectField
        label="Provider"
        value={filter.provider}
        choices={[['', 'Any'], ...titles]}
        onChoose={setter('provider')}
      />
      <SelectField label="What" value={filter.kind} choices={KINDS} onChoose={setter('kind')} />
      <SelectField label="Outcome" value={filter.status} choices={STATUSES} onChoose={setter('status')} />
      <TextField label="By whom" value={filter.user} onInput={setter('user')} />
      <TextField label="Where" value={filter.endpoint} onInput={setter('endpoint')} />
      <TextField label="Since" type="datetime-local" value={filter.since} onInput={setter('since')} />
      <TextField label="Until" type="datetime-local" value={filter.until} onInput={setter('until')} />
    </FilterFold>
  );
}
