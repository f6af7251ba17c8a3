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
const RETRY_AFTER = 3000;
/** No event tells of systems that cannot be asked, or can be again. */
const PROBLEMS_EVERY = 5000;

interface FeedOptions {
  readonly api: Api;
  readonly board: Store<Board>;
  readonly link: Store<Link>;
  readonly onJob: (job: Job) => void;
  /** Why the list cannot be read; nothing once it can. */
  readonly onProblem: (error: unknown) => void;
}

/** Keeps the board as the service's list of sessions is: follows its events, and reads it as soon as it does. Answers what stops it. */
export function feed({ api, board, link, onJob, onProblem }: FeedOptions): () => void {
  let waiting: Change[] = [];
  let timer = 0;
  let reading = 0;
  let retry = 0;
  let isClosed = false;

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
  const readAgain = (): void => {
    clearTimeout(retry);
    read().then(
      () => onProblem(undefined),
      (error: unknown) => {
        onProblem(error);
        if (!isClosed) retry = setTimeout(readAgain, RETRY_AFTER);
      },
    );
  };
  const readProblems = async (): Promise<void> => {
    const { problems } = await api.get<SessionPage>('/v1/sessions', { limit: 1 });
    const isSame = JSON.stringify(problems) === JSON.stringify(board.get().problems);
    if (!isSame) board.update((now) => ({ ...now, problems }));
  };

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
  const asking = setInterval(() => {
    if (link.get().state === 'open') readProblems().catch(() => undefined);
  }, PROBLEMS_EVERY);
  return () => {
    isClosed = true;
    close();
    clearInterval(asking);
    clearTimeout(retry);
    clearTimeout(timer);
    reading++;
  };
}
