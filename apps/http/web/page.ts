import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api/api.ts';
import type { Me, ProviderInfo } from './api/types.ts';
import type { Desk } from './jobs/desk.ts';
import type { Board } from './sessions/board.ts';
import type { Link } from './sessions/feed.ts';
import type { Store } from './store.ts';

/** What the views of a page that is signed in work with. */
export interface Page {
  readonly api: Api;
  readonly me: Me;
  readonly providers: readonly ProviderInfo[];
  readonly board: Store<Board>;
  readonly desk: Desk;
  readonly link: Store<Link>;
  /** Whether this person may change anything. */
  readonly isOperator: boolean;
  /** Says it to who listens to the page rather than looks at it. */
  readonly say: (words: string) => void;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('there is no page without a sign-in');
  return page;
}

/** A provider as people know it. */
export function titleOf(providers: readonly ProviderInfo[], id: string): string {
  return providers.find((provider) => provider.id === id)?.title ?? id;
}
