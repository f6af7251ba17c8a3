import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';

interface FilterFoldProps {
  /** What is needed most, and stays in sight. */
  readonly first?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Nothing where nothing is filtered. */
  readonly onClear: (() => void) | undefined;
}

/** Fields that say what is shown; where there is little room, behind a button. */
export function FilterFold({ first, children, onClear }: FilterFoldProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <search class={isOpen ? 'filter-bar open' : 'filter-bar'}>
      {first}
      <button
        type="button"
        class="button only-narrow"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Filters
      </button>
      {children}
      {onClear !== undefined && (
        <button type="button" class="button quiet" onClick={onClear}>
          Clear filters
        </button>
      )}
    </search>
  );
}
