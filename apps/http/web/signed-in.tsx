import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { address, followHistory, viewOf, type View } from './address.ts';
import type { Api } from './api/api.ts';
import type { Items, Me, ProviderInfo } from './api/types.ts';
import { AuditView } from './history/audit-view.tsx';
import { HistoryView } from './history/history-view.tsx';
import { Desk } from './jobs/desk.ts';
import { Masthead } from './masthead.tsx';
import { PageContext, type Page } from './page.ts';
import { EMPTY_BOARD, type Board } from './sessions/board.ts';
import { feed, type Link } from './sessions/feed.ts';
import { SessionsView } from './sessions/sessions-view.tsx';
import { createStore, useStore } from './store.ts';
import { jobWords } from './text/words.ts';
import { announce, LiveRegion } from './ui/live-region.tsx';
import { ProblemNotice } from './ui/notice.tsx';
import { WatchesView } from './watches/watches-view.tsx';

interface SignedInProps {
  readonly api: Api;
  readonly me: Me;
  readonly onSignedOut: () => void;
}

export function SignedIn({ api, me, onSignedOut }: SignedInProps): JSX.Element {
  const [providers, setProviders] = useState<readonly ProviderInfo[]>([]);
  const [problem, setProblem] = useState<unknown>();
  const [listProblem, setListProblem] = useState<unknown>();
  const page = useMemo((): Omit<Page, 'providers'> => {
    const board = createStore<Board>(EMPTY_BOARD);
    return {
      api,
      me,
      board,
      desk: new Desk(api, board, (job) => announce(`Disconnect finished: ${jobWords(job)}`)),
      link: createStore<Link>({ state: 'opening' }),
      isOperator: me.role === 'operator',
      say: announce,
    };
  }, [api, me]);

  useEffect(() => {
    const { board, desk, link } = page;
    const stop = feed({ api, board, link, onJob: (job) => desk.note(job), onProblem: setListProblem });
    const forget = followHistory();
    api
      .get<Items<ProviderInfo>>('/v1/providers')
      .then(({ items }) => setProviders(items))
      .catch(setProblem);
    desk.resume(me.user).catch(setProblem);
    return () => {
      stop();
      forget();
      desk.close();
    };
  }, [page]);

  const view = viewOf(useStore(address));
  return (
    <PageContext.Provider value={{ ...page, providers }}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Masthead view={view} onSignedOut={onSignedOut} />
      <main id="content" tabIndex={-1}>
        {problem !== undefined && <ProblemNotice error={problem} />}
        {listProblem !== undefined && <ProblemNotice error={listProblem} />}
        <Shown view={view} />
      </main>
      <LiveRegion />
    </PageContext.Provider>
  );
}

function Shown({ view }: { readonly view: View }): JSX.Element {
  switch (view) {
    case 'sessions':
      return <SessionsView />;
    case 'watches':
      return <WatchesView />;
    case 'history':
      return <HistoryView />;
    case 'audit':
      return <AuditView />;
    default:
      return view satisfies never;
  }
}
