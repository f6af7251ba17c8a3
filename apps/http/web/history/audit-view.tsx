import type { JSX } from 'preact';
import type { AuditNote, Items } from '../api/types.ts';
import { usePage } from '../page.ts';
import { moment } from '../text/times.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { usePages } from '../ui/use-pages.ts';

const PAGE = 100;

/** Who was let in, and who was refused what. */
export function AuditView(): JSX.Element {
  const { api } = usePage();
  const { items, problem, hasMore, more } = usePages<AuditNote>('', (cursor) =>
    api.get<Items<AuditNote>>('/v1/audit', { limit: PAGE, cursor }),
  );
  return (
    <>
      <div class="view-head">
        <h1>Audit</h1>
      </div>
      <p class="lead">Who signed in, who asked for what, and what was refused.</p>
      {problem !== undefined && <ProblemNotice error={problem} />}
      {items?.length === 0 && <p class="nothing">Nothing is noted yet.</p>}
      {items !== undefined && items.length > 0 && (
        <table class="list" role="table" aria-label="Audit">
          <thead role="rowgroup">
            <tr role="row">
              {['When', 'Who', 'What', 'Where', 'More'].map((title) => (
                <th key={title} role="columnheader" scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {items.map(({ at, user, what, provider, endpoint, detail }, index) => (
              <tr key={index} role="row">
                <td role="cell" data-title="When">
                  <time dateTime={at}>{moment(at)}</time>
                </td>
                <td role="cell" data-title="Who">
                  {user}
                </td>
                <td role="cell" data-title="What">
                  {what}
                </td>
                <td role="cell" data-title="Where">
                  {[provider, endpoint].filter((part) => part !== undefined).join(' ')}
                </td>
                <td role="cell" data-title="More">
                  {detail}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hasMore && (
        <button type="button" class="button load-more" onClick={more}>
          Load more
        </button>
      )}
    </>
  );
}
