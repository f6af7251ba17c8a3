import type { Job, ListedSession, Missing, Outcome, SessionPage } from '../api/types.ts';

/** Where a job is with one session. */
export type Mark = { readonly job: string } & (
  { readonly phase: 'waiting' | 'running' } | { readonly phase: 'ended'; readonly outcome: Outcome }
);

/** What the table of sessions is made of. Every function here answers another board and leaves the one given as it is. */
export interface Board {
  readonly sessions: ReadonlyMap<string, ListedSession>;
  readonly selected: ReadonlySet<string>;
  readonly marks: ReadonlyMap<string, Mark>;
  /** Sessions that are gone, but shown until their outcome was seen. */
  readonly gone: ReadonlySet<string>;
  readonly problems: readonly Missing[];
  /** While the list is read: what has been read of it, and what events have told meanwhile, which is newer. */
  readonly reading?: { readonly seen: ReadonlySet<string>; readonly told: ReadonlySet<string> } | undefined;
  readonly hasBeenRead: boolean;
}

export interface Change {
  readonly key: string;
  readonly session: ListedSession | null;
}

export const EMPTY_BOARD: Board = {
  sessions: new Map(),
  selected: new Set(),
  marks: new Map(),
  gone: new Set(),
  problems: [],
  hasBeenRead: false,
};

export function beginReading(board: Board): Board {
  return { ...board, reading: { seen: new Set(), told: new Set() } };
}

export function addPage(board: Board, { items, problems }: SessionPage): Board {
  const { reading } = board;
  if (reading === undefined) return board;
  const sessions = new Map(board.sessions);
  const seen = new Set(reading.seen);
  for (const session of items) {
    seen.add(session.key);
    if (!reading.told.has(session.key)) sessions.set(session.key, session);
  }
  return { ...board, sessions, problems, reading: { ...reading, seen } };
}

/** What was neither in the list nor told of meanwhile is gone. */
export function endReading(board: Board): Board {
  const { reading } = board;
  if (reading === undefined) return board;
  const vanished = [...board.sessions.keys()].filter(
    (key) => !reading.seen.has(key) && !reading.told.has(key),
  );
  const read: Board = { ...board, reading: undefined, hasBeenRead: true };
  return change(
    read,
    vanished.map((key) => ({ key, session: null })),
  );
}

/** What events told, the oldest first. */
export function change(board: Board, changes: readonly Change[]): Board {
  if (changes.length === 0) return board;
  const sessions = new Map(board.sessions);
  const selected = new Set(board.selected);
  const gone = new Set(board.gone);
  const told = new Set(board.reading?.told);
  for (const { key, session } of changes) {
    told.add(key);
    if (session !== null) {
      sessions.set(key, session);
      gone.delete(key);
    } else if (board.marks.has(key)) {
      gone.add(key);
    } else {
      sessions.delete(key);
      selected.delete(key);
    }
  }
  const reading = board.reading === undefined ? undefined : { ...board.reading, told };
  return { ...board, sessions, selected, gone, reading };
}

export function select(board: Board, keys: readonly string[], isSelected: boolean): Board {
  const selected = new Set(board.selected);
  for (const key of keys) {
    if (isSelected) selected.add(key);
    else selected.delete(key);
  }
  return { ...board, selected };
}

/** Keys between two rows, both included, in the order of the table; the second alone where the first is not shown. */
export function between(
  rows: readonly ListedSession[],
  from: string | undefined,
  to: string,
): readonly string[] {
  const start = rows.findIndex(({ key }) => key === from);
  const end = rows.findIndex(({ key }) => key === to);
  if (start === -1 || end === -1) return [to];
  return rows.slice(Math.min(start, end), Math.max(start, end) + 1).map(({ key }) => key);
}

export function beginJob(board: Board, job: string, keys: readonly string[]): Board {
  const marks = new Map(board.marks);
  for (const key of keys) marks.set(key, { job, phase: 'waiting' });
  return { ...board, marks };
}

/** The job is at these now, where it has not come to their end already. */
export function beginSessions(board: Board, job: string, keys: readonly string[]): Board {
  const marks = new Map(board.marks);
  for (const key of keys) {
    const mark = marks.get(key);
    if (mark?.job !== job || mark.phase !== 'ended') marks.set(key, { job, phase: 'running' });
  }
  return { ...board, marks };
}

/** What failed or was skipped stays selected, so that it can be tried again; what is done does not. */
export function endSessions(board: Board, job: string, outcomes: readonly Outcome[]): Board {
  const marks = new Map(board.marks);
  const selected = new Set(board.selected);
  for (const outcome of outcomes) {
    marks.set(outcome.key, { job, phase: 'ended', outcome });
    if (isDone(outcome)) selected.delete(outcome.key);
    else if (board.sessions.has(outcome.key)) selected.add(outcome.key);
  }
  return { ...board, marks, selected };
}

export const isDone = ({ status }: Pick<Outcome, 'status'>): boolean =>
  status === 'disconnected' || status === 'already-gone';

/** The job is over: rows whose outcome was shown long enough go, and those that it never came to are free again. */
export function sweep(board: Board, job: string): Board {
  return unmark(board, (mark) => mark.job === job && (mark.phase !== 'ended' || isDone(mark.outcome)));
}

/** Everything that was said about the sessions of a job has been read. */
export function dismiss(board: Board, job: string): Board {
  return unmark(board, (mark) => mark.job === job);
}

function unmark(board: Board, isOver: (mark: Mark) => boolean): Board {
  const marks = new Map(board.marks);
  const sessions = new Map(board.sessions);
  const selected = new Set(board.selected);
  const gone = new Set(board.gone);
  for (const [key, mark] of board.marks) {
    if (!isOver(mark)) continue;
    marks.delete(key);
    if (!gone.delete(key)) continue;
    sessions.delete(key);
    selected.delete(key);
  }
  return { ...board, marks, sessions, selected, gone };
}

/** The counts of a job as its events have told so far. */
export function counted(job: Job, { status }: Outcome): Job {
  const name = status === 'already-gone' ? 'alreadyGone' : status;
  const counts = {
    ...job.counts,
    [name]: job.counts[name] + 1,
    waiting: Math.max(0, job.counts.waiting - 1),
  };
  return { ...job, state: job.state === 'queued' ? 'running' : job.state, counts };
}
