import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Items, Watch } from '../api/types.ts';
import { titleOf, usePage } from '../page.ts';
import { listed, plural } from '../text/words.ts';
import { Badge } from '../ui/badge.tsx';
import { Elapsed } from '../ui/elapsed.tsx';
import { Icon } from '../ui/icon.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { WatchDialog } from './watch-dialog.tsx';

/** Milliseconds after which the list of watches is read again while it is looked at. */
const AGAIN = 3000;

export function WatchesView(): JSX.Element {
  const { api, isOperator, say } = usePage();
  const [watches, setWatches] = useState<readonly Watch[]>();
  const [problem, setProblem] = useState<unknown>();
  const [isAdding, setAdding] = useState(false);
  const read = async (): Promise<void> => {
    const { items } = await api.get<Items<Watch>>('/v1/watches');
    setWatches(items);
  };
  useEffect(() => {
    void read().catch(setProblem);
    const timer = setInterval(() => void read().catch(() => undefined), AGAIN);
    return () => clearInterval(timer);
  }, []);
  const act = (what: Promise<unknown>, words: string): void => {
    setProblem(undefined);
    what
      .then(read)
      .then(() => say(words))
      .catch(setProblem);
  };
  const path = ({ id }: Watch): string => `/v1/watches/${encodeURIComponent(id)}`;
  return (
    <>
      <div class="view-head">
        <h1>Watches</h1>
        {isOperator && (
          <button type="button" class="button primary" onClick={() => setAdding(true)}>
            <Icon name="plus" /> Watch a system
          </button>
        )}
      </div>
      <p class="lead">Systems that are asked again and again who has sessions there.</p>
      {problem !== undefined && <ProblemNotice error={problem} />}
      {watches?.length === 0 && <p class="nothing">Nothing is watched.</p>}
      {watches !== undefined && watches.length > 0 && (
        <ul class="cards">
          {watches.map((watch) => (
            <li key={watch.id} class="card">
              <WatchFacts watch={watch} />
              {isOperator && (
                <div class="card-actions">
                  <button
                    type="button"
                    class="button"
                    onClick={() => act(api.post(`${path(watch)}/refresh`), 'Asked again')}
                  >
                    Ask now<span class="unseen"> {nameOf(watch)}</span>
                  </button>
                  <button
                    type="button"
                    class="button"
                    onClick={() => act(api.delete(path(watch)), 'No longer watched')}
                  >
                    Stop watching<span class="unseen"> {nameOf(watch)}</span>
                  </button>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      {isAdding && (
        <WatchDialog onClose={() => setAdding(false)} onWatched={() => act(Promise.resolve(), 'Watched')} />
      )}
    </>
  );
}

const nameOf = ({ endpoints, provider }: Watch): string =>
  endpoints.length > 0 ? listed(endpoints, 4) : provider;

function WatchFacts({ watch }: { readonly watch: Watch }): JSX.Element {
  const { providers } = usePage();
  const { problems } = watch;
  return (
    <div>
      <h2>{nameOf(watch)}</h2>
      <p class="muted">
        {titleOf(providers, watch.provider)} · every {watch.every} s · by {watch.user}
      </p>
      <p>
        {problems.length === 0 ? (
          <Badge tone="good" icon="check" words={plural(watch.count, 'session')} />
        ) : (
          <Badge
            tone="bad"
            icon="cross"
            words={`${plural(problems.length, 'problem')}, ${plural(watch.count, 'session')}`}
          />
        )}{' '}
        <span class="muted">
          {watch.askedAt === undefined ? (
            'not asked yet'
          ) : (
            <>
              asked <Elapsed since={watch.askedAt} /> ago
            </>
          )}
        </span>
      </p>
      {problems.length > 0 && (
        <ul class="problem-list">
          {problems.map(({ endpoint, error }, index) => (
            <li key={index}>
              {endpoint !== undefined && <strong>{endpoint}: </strong>}
              {error.message}
              {error.next !== undefined && <small>Next: {error.next}</small>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
