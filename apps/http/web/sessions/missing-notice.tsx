import type { JSX } from 'preact';
import type { Missing } from '../api/types.ts';
import { plural } from '../text/words.ts';
import { Notice } from '../ui/notice.tsx';

/** What could not be looked at, so that nobody takes the list for whole. */
export function MissingNotice({ problems }: { readonly problems: readonly Missing[] }): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <Notice kind="warning">
      <details>
        <summary>{plural(problems.length, 'system')} could not be asked: the list is not whole</summary>
        <ul class="problem-list">
          {problems.map(({ provider, endpoint, error }, index) => (
            <li key={index}>
              <strong>{endpoint ?? provider}</strong>: {error.message}
              {error.next !== undefined && <small>Next: {error.next}</small>}
            </li>
          ))}
        </ul>
      </details>
    </Notice>
  );
}
