import { describe, expect, it } from '@jest/globals';
import type { Job, SessionPage } from '../api/types.ts';
import {
  addPage,
  beginJob,
  beginReading,
  beginSessions,
  between,
  change,
  counted,
  dismiss,
  EMPTY_BOARD,
  endReading,
  endSessions,
  select,
  sweep,
  type Board,
} from './board.ts';
import { done, failed, session } from './session.test.support.ts';

const page = (...keys: string[]): SessionPage => ({
  items: keys.map((key) => session(key)),
  total: keys.length,
  problems: [],
});
const read = (...keys: string[]): Board => endReading(addPage(beginReading(EMPTY_BOARD), page(...keys)));
const keysOf = (board: Board): string[] => [...board.sessions.keys()];

describe('reading the list', () => {
  it('has every page', () => {
    const board = endReading(addPage(addPage(beginReading(EMPTY_BOARD), page('a')), page('b')));
    expect(keysOf(board)).toEqual(['a', 'b']);
    expect(board.hasBeenRead).toBe(true);
  });

  it('drops what is not in the list any more', () => {
    const again = endReading(addPage(beginReading(read('a', 'b')), page('b', 'c')));
    expect(keysOf(again)).toEqual(['b', 'c']);
  });

  it('believes events that came meanwhile rather than a page', () => {
    const newer = session('a', { state: 'detached' });
    let board = change(beginReading(read('a', 'b')), [
      { key: 'a', session: newer },
      { key: 'b', session: null },
      { key: 'c', session: session('c') },
    ]);
    board = endReading(addPage(board, page('a', 'b')));
    expect(keysOf(board).sort()).toEqual(['a', 'c']);
    expect(board.sessions.get('a')).toBe(newer);
  });
});

describe('selecting', () => {
  it('adds and takes away', () => {
    const some = select(read('a', 'b', 'c'), ['a', 'b'], true);
    expect([...select(some, ['a'], false).selected]).toEqual(['b']);
  });

  it('forgets sessions that are gone', () => {
    const board = change(select(read('a', 'b'), ['a', 'b'], true), [{ key: 'a', session: null }]);
    expect([...board.selected]).toEqual(['b']);
  });

  it.each([
    ['a', 'c', ['a', 'b', 'c']],
    ['c', 'b', ['b', 'c']],
    ['gone', 'b', ['b']],
    [undefined, 'b', ['b']],
  ])('takes the rows from %s to %s', (from, to, expected) => {
    expect(
      between(
        ['a', 'b', 'c', 'd'].map((key) => session(key)),
        from,
        to,
      ),
    ).toEqual(expected);
  });
});

describe('a job', () => {
  const begun = beginJob(select(read('a', 'b', 'c'), ['a', 'b', 'c'], true), 'job', ['a', 'b', 'c']);
  const ended = endSessions(beginSessions(begun, 'job', ['a']), 'job', [done('a'), failed('b')]);

  it('marks its sessions', () => {
    expect(begun.marks.get('a')?.phase).toBe('waiting');
    expect(beginSessions(begun, 'job', ['a']).marks.get('a')?.phase).toBe('running');
    expect(ended.marks.get('a')?.phase).toBe('ended');
    expect(beginSessions(ended, 'job', ['a']).marks.get('a')?.phase).toBe('ended');
  });

  it('keeps what failed selected, and what it has not come to', () => {
    expect([...ended.selected].sort()).toEqual(['b', 'c']);
  });

  it('shows what is gone until its outcome was seen', () => {
    const gone = change(ended, [{ key: 'a', session: null }]);
    expect(keysOf(gone)).toEqual(['a', 'b', 'c']);
    expect(gone.gone.has('a')).toBe(true);
    const swept = sweep(gone, 'job');
    expect(keysOf(swept)).toEqual(['b', 'c']);
    expect([...swept.marks.keys()]).toEqual(['b']);
  });

  it('keeps what lives on, as a detached session does', () => {
    const detached = change(ended, [{ key: 'a', session: session('a', { state: 'detached' }) }]);
    expect(sweep(detached, 'job').sessions.get('a')?.state).toBe('detached');
  });

  it('lets failures go when they have been read', () => {
    const gone = change(ended, [{ key: 'b', session: null }]);
    expect(keysOf(sweep(gone, 'job'))).toContain('b');
    const read = dismiss(gone, 'job');
    expect(keysOf(read)).not.toContain('b');
    expect(read.selected.has('b')).toBe(false);
    expect(read.marks.size).toBe(0);
  });

  it('leaves the marks of another job alone', () => {
    const two = beginJob(ended, 'other', ['c']);
    expect([...sweep(two, 'job').marks.keys()].sort()).toEqual(['b', 'c']);
  });

  it('is counted as its events tell', () => {
    const counts = { disconnected: 0, alreadyGone: 0, skipped: 0, failed: 0, waiting: 2 };
    const job: Job = { id: 'job', state: 'queued', createdAt: '', user: 'olga', total: 2, counts };
    const after = [done('a'), failed('b')].reduce(counted, job);
    expect(after.counts).toEqual({ disconnected: 1, alreadyGone: 0, skipped: 0, failed: 1, waiting: 0 });
    expect(after.state).toBe('running');
  });
});
