import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { ListedSession, ProviderInfo } from '../api/types.ts';
import { OWNERSHIP_WORDS, STATE_WORDS } from '../text/words.ts';
import { FilterFold } from '../ui/filter-fold.tsx';
import { Icon } from '../ui/icon.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { EVERYTHING, type Column, type Filter } from './filter.ts';

interface FilterBarProps {
  readonly filter: Filter;
  readonly providers: readonly ProviderInfo[];
  readonly onFilter: (filter: Filter) => void;
}

const STATES = Object.keys(STATE_WORDS) as ListedSession['state'][];
const OWNERSHIPS = Object.keys(OWNERSHIP_WORDS) as ListedSession['ownership'][];

export const COLUMN_TITLES: Readonly<Record<Column, string>> = {
  state: 'State',
  principal: 'Who',
  label: 'What',
  endpoint: 'Where',
  age: 'Open for',
  idle: 'Idle',
  ownership: 'Whose',
};

export function FilterBar({ filter, providers, onFilter }: FilterBarProps): JSX.Element {
  const textId = useId();
  const set = (part: Partial<Filter>): void => onFilter({ ...filter, ...part });
  const { text, provider, state, ownership, sort, isDescending } = filter;
  const isFiltered = text !== '' || provider !== '' || state !== '' || ownership !== '';
  return (
    <FilterFold
      first={
        <div class="field grows">
          <label for={textId}>Search</label>
          <input
            id={textId}
            type="search"
            value={text}
            placeholder="Who, what or where"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => set({ text: event.currentTarget.value })}
          />
        </div>
      }
      onClear={isFiltered ? () => onFilter({ ...EVERYTHING, sort, isDescending }) : undefined}
    >
      <SelectField
        label="Provider"
        value={provider}
        choices={[['', 'Any'], ...providers.map(({ id, title }) => [id, title] as const)]}
        onChoose={(value) => set({ provider: value })}
      />
      <SelectField
        label="State"
        value={state}
        choices={[['', 'Any'], ...STATES.map((one) => [one, STATE_WORDS[one]] as const)]}
        onChoose={(value) => set({ state: value })}
      />
      <SelectField
        label="Whose"
        value={ownership}
        choices={[['', 'Any'], ...OWNERSHIPS.map((one) => [one, OWNERSHIP_WORDS[one]] as const)]}
        onChoose={(value) => set({ ownership: value })}
      />
      <div class="only-narrow sorting">
        <SelectField
          label="Sort by"
          value={sort}
          choices={Object.entries(COLUMN_TITLES)}
          onChoose={(value) => set({ sort: value as Column })}
        />
        <button
          type="button"
          class="icon-button bordered"
          aria-label={isDescending ? 'Largest first; turn round' : 'Smallest first; turn round'}
          onClick={() => set({ isDescending: !isDescending })}
        >
          <Icon name={isDescending ? 'down' : 'up'} />
        </button>
      </div>
    </FilterFold>
  );
}
