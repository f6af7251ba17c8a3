import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Effect, ListedSession } from '../api/types.ts';
import { count, EFFECT_NAMES, EFFECT_WORDS, plural } from '../text/words.ts';
import { effectChoices } from './effect-choices.ts';

interface SelectionBarProps {
  readonly sessions: readonly ListedSession[];
  /** How many of them the filter hides. */
  readonly hidden: number;
  readonly isPlanning: boolean;
  readonly onPlan: (effect: Effect | undefined) => void;
  readonly onClear: () => void;
}

/** What can be done to the sessions that are selected. */
export function SelectionBar({
  sessions,
  hidden,
  isPlanning,
  onPlan,
  onClear,
}: SelectionBarProps): JSX.Element {
  const effectId = useId();
  const [wanted, setWanted] = useState('');
  const choices = effectChoices(sessions);
  const chosen = choices.find(({ effect = '' }) => effect === wanted) ?? choices[0];
  return (
    <section class="selection-bar" aria-label="Selected sessions">
      <p>
        <strong>{count(sessions.length)} selected</strong>
        {hidden > 0 && <span class="muted">, {count(hidden)} not shown</span>}
      </p>
      {chosen === undefined ? (
        <p class="muted">Their systems let nobody disconnect them from here.</p>
      ) : (
        <>
          <div class="inline-field">
            <label for={effectId}>Effect</label>
            <select
              id={effectId}
              value={chosen.effect ?? ''}
              onChange={(event) => setWanted(event.currentTarget.value)}
            >
              {choices.map(({ effect, takers }) => (
                <option key={effect ?? ''} value={effect ?? ''}>
                  {effect === undefined ? 'What each offers first' : EFFECT_NAMES[effect]}
                  {takers < sessions.length && ` (${count(takers)} of ${count(sessions.length)})`}
                </option>
              ))}
            </select>
          </div>
          <p class="effect-words" title={chosen.effect && EFFECT_WORDS[chosen.effect]}>
            {chosen.effect !== undefined && EFFECT_WORDS[chosen.effect]}
          </p>
          <button
            type="button"
            class="button danger"
            disabled={isPlanning}
            onClick={() => onPlan(chosen.effect)}
          >
            Disconnect {plural(sessions.length, 'session')}…
          </button>
        </>
      )}
      <button type="button" class="button quiet" onClick={onClear}>
        Clear selection
      </button>
    </section>
  );
}
