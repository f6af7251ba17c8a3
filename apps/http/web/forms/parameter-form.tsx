import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiProblem } from '../api/api.ts';
import type { ParameterTable } from '../api/types.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { arrangeFields, faultOf, readInputs, type Faults, type Inputs, type Value } from './form-model.ts';
import { ParameterField } from './parameter-field.tsx';

interface ParameterFormProps {
  readonly table: ParameterTable;
  readonly action: string;
  /** What is sent, with the form's other fields. Its problem is shown at the field it is about. */
  readonly onSend: (values: Readonly<Record<string, Value>>, others: Inputs) => Promise<void>;
  readonly onCancel: () => void;
  /** Fields that are not the plugin's. */
  readonly children?: ComponentChildren;
}

/** A form made of a plugin's parameters. Nothing of it is kept: secrets are in their fields only, until they are sent. */
export function ParameterForm({
  table,
  action,
  onSend,
  onCancel,
  children,
}: ParameterFormProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const [faults, setFaults] = useState<Faults>({});
  const [problem, setProblem] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const { main, more } = arrangeFields(table);

  useLayoutEffect(() => {
    const invalid = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (invalid == null) return;
    invalid.closest('details')?.setAttribute('open', '');
    invalid.focus();
  }, [faults]);

  const onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (form.current === null || isSending) return;
    const inputs = inputsOf(form.current);
    const read = readInputs(table, inputs);
    setProblem(undefined);
    setFaults(read.faults);
    if (Object.keys(read.faults).length > 0) return;
    setSending(true);
    try {
      await onSend(read.values, inputs);
    } catch (error) {
      const found = faultOf(table, ApiProblem.from(error).message);
      if (found === undefined) setProblem(error);
      else setFaults(found);
      setSending(false);
    }
  };
  const field = (name: string): JSX.Element | null => {
    const parameter = table[name];
    return parameter === undefined ? null : (
      <ParameterField key={name} name={name} parameter={parameter} fault={faults[name]} />
    );
  };

  return (
    <form ref={form} class="dialog-form" noValidate onSubmit={(event) => void onSubmit(event)}>
      <div class="dialog-body">
        {main.map(field)}
        {more.length > 0 && (
          <details class="more">
            <summary>More options</summary>
            {more.map(field)}
          </details>
        )}
        {children}
        {problem !== undefined && <ProblemNotice error={problem} />}
      </div>
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={isSending}>
          {isSending ? 'One moment…' : action}
        </button>
      </footer>
    </form>
  );
}

function inputsOf(form: HTMLFormElement): Inputs {
  const given = [...new FormData(form)].map(([name, value]) => [
    name,
    typeof value === 'string' ? value : '',
  ]);
  return Object.fromEntries(given) as Inputs;
}
