import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly type?: 'text' | 'datetime-local';
  readonly onInput: (value: string) => void;
}

export function TextField({ label, value, type = 'text', onInput }: TextFieldProps): JSX.Element {
  const id = useId();
  const shared = {
    id,
    value,
    autocomplete: 'off',
    spellcheck: false,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  } as const;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === 'text' ? <input type="text" {...shared} /> : <input type="datetime-local" {...shared} />}
    </div>
  );
}
