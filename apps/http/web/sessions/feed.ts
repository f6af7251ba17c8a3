import type { Api } from '../api/api.ts';
import { openStream } from '../api/stream.ts';
import type { Job, ListedSession, SessionPage } from '../api/types.ts';
import type { Store } from '../store.ts';
import { addPage, beginReading, change, endReading, type Board, type Change } from './board.ts';

/** Whether what is shown is up to date: `lost` since when. */
export type Link =
  { readonly state: 'opening' | 'open' } | { readonly state: 'lost'; readonly since: number };

const PAGE = 1000;
/** Milliseconds in which events are gathered before they are shown. */
const GATHERED = 120;

interface FeedOptions {
  readonly api: Api;
  readonly board: Store<Board>;
  readonly link: Store<Link>;
  readonly onJob: (job: Job) => void;
  readonly onProblem: (error: unknown) => void;
}

/** Keeps the board as the service's list of sessions is: reads it once, then follows its events. Answers what stops it. */
export function feed({ api, board, link, onJob, onProblem }: FeedOptions): () => void {
  let waiting: Change[] = [];
  let timer = 0;
  let reading = 0;

  const flush = (): void => {
    timer = 0;
    const changes = waiting;
    waiting = [];
    board.update((now) => change(now, changes));
  };
  const take = (data: unknown): void => {
    const { key, session } = data as { key: string; session: ListedSession | null };
    waiting.push({ key, session: session === null ? null : { ...session, key } });
    timer ||= setTimeout(flush, GATHERED);
  };
  const read = async (): Promise<void> => {
    const turn = ++reading;
    if (timer !== 0) {
      clearTimeout(timer);
      flush();
    }
    board.update(beginReading);
    let cursor: string | undefined;
    do {
      const query = { limit: PAGE, cursor };
      const page: SessionPage = await api.get('/v1/sessions', query);
      if (turn !== reading) return;
      board.update((now) => addPage(now, page));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    board.update(endReading);
  };
  const readAgain = (): void => void read().catch(onProblem);

  const close = openStream('/v1/events', {
    events: {
      session: take,
      job: (data) => onJob(data as Job),
      reset: readAgain,
    },
    onState: (state) => {
      if (state === 'anew') readAgain();
      link.update(() => (state === 'lost' ? { state, since: Date.now() } : { state: 'open' }));
    },
    mayReopen: () =>
      api.get('/v1/me').then(
        () => true,
        () => false,
      ),
  });
  readAgain();
  return () => {
    close();
    clearTimeout(timer);
    reading++;
  };
}
