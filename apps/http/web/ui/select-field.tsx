import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  /** Values and what they are called. */
  readonly choices: readonly (readonly [string, string])[];
  readonly onChoose: (value: string) => void;
}

export function SelectField({ label, value, choices, onChoose }: SelectFieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {choices.map(([name, words]) => (
          <option key={name} value={name} selected={name === value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
