import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Parameter } from '../api/types.ts';
import { labelOf } from './form-model.ts';

interface ParameterFieldProps {
  readonly name: string;
  readonly parameter: Parameter;
  readonly fault: string | undefined;
}

/** One parameter of a plugin as a field with its help. It keeps its own value: the form is read when it is sent. */
export function ParameterField({ name, parameter, fault }: ParameterFieldProps): JSX.Element {
  const id = useId();
  const isTick = parameter.type === 'boolean';
  const described = {
    id,
    name,
    'aria-describedby': fault === undefined ? `${id}-help` : `${id}-fault ${id}-help`,
    'aria-invalid': fault !== undefined,
    ...(parameter.required === true && { 'aria-required': true }),
  };
  const label = (
    <label for={id}>
      {labelOf(name)}
      {parameter.required === true && <span class="required"> (needed)</span>}
    </label>
  );
  return (
    <div class={isTick ? 'field tick-field' : 'field'}>
      {isTick ? (
        <>
          <input type="checkbox" {...described} />
          {label}
        </>
      ) : (
        <>
          {label}
          <Control parameter={parameter} described={described} />
        </>
      )}
      {fault !== undefined && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
      <p class="help" id={`${id}-help`}>
        {parameter.summary}
        {parameter.many === true && !parameter.summary.includes('comma') && several(parameter)}
      </p>
    </div>
  );
}

const several = ({ format }: Parameter): string =>
  format === 'line' ? '; one a line' : '; several with commas or in lines';

interface ControlProps {
  readonly parameter: Parameter;
  readonly described: { readonly id: string; readonly name: string };
}

function Control({ parameter, described }: ControlProps): JSX.Element {
  const { type, choices, many, minimum, maximum, placeholder, summary } = parameter;
  const plain = { autocomplete: 'off', spellcheck: false, autocapitalize: 'off' } as const;
  if (type === 'secret') {
    // A key or certificate has lines, which a password field would lose.
    if (summary.includes('PEM')) return <textarea class="masked" rows={3} {...plain} {...described} />;
    return <input type="password" autocomplete="new-password" {...described} />;
  }
  if (many === true) return <textarea rows={2} placeholder={placeholder} {...plain} {...described} />;
  if (choices !== undefined) {
    return (
      <select {...described}>
        <option value="">not given</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  if (type === 'integer')
    return (
      <input type="number" step="1" min={minimum} max={maximum} placeholder={placeholder} {...described} />
    );
  return <input type="text" placeholder={placeholder} {...plain} {...described} />;
}
