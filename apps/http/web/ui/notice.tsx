import type { ComponentChildren, JSX } from 'preact';
import { ApiProblem } from '../api/api.ts';
import { Icon } from './icon.tsx';

interface NoticeProps {
  readonly kind: 'problem' | 'warning' | 'note';
  readonly children: ComponentChildren;
}

export function Notice({ kind, children }: NoticeProps): JSX.Element {
  return (
    <div class={`notice ${kind}`} role={kind === 'problem' ? 'alert' : undefined}>
      {kind !== 'note' && <Icon name="warn" />}
      <div>{children}</div>
    </div>
  );
}

/** What went wrong, and what to do about it. */
export function ProblemNotice({ error }: { readonly error: unknown }): JSX.Element {
  const { message, next, system, code } = ApiProblem.from(error);
  return (
    <Notice kind="problem">
      <p>
        <strong>{code}</strong>: {message}
        {system !== undefined && ` (${system})`}
      </p>
      {next !== undefined && <p>Next: {next}</p>}
    </Notice>
  );
}
