import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Session } from '@slipline/core';
import { makeWho } from '../security/who.ts';
import type { RosterQuery } from './query.ts';
import { LEDGER, Roster, type RosterChange } from './roster.ts';

const EVERYTHING = makeWho('olga', 'operator', ['*']);

function session(id: string, more: Partial<Session> = {}): Session {
  return {
    provider: 'fleet',
    endpoint: 'one.example',
    id,
    kind: 'ship',
    label: `ship ${id}`,
    principal: `CONTOSO\\user${id}`,
    state: 'live',
    ownership: 'foreign',
    effects: ['end'],
    fingerprint: `f-${id}`,
    openedAt: `2026-01-01T00:00:${id.padStart(2, '0')}.000Z`,
    details: {},
    ...more,
  };
}

interface Shown {
  readonly items: readonly (Session & { readonly key: string })[];
  readonly nextCursor?: string;
  readonly total: number;
  readonly problems: readonly object[];
}

let changes: RosterChange[];
let roster: Roster;

beforeEach(() => {
  changes = [];
  roster = new Roster((some) => changes.push(...some));
});

function page(query: Partial<RosterQuery> = {}, who = EVERYTHING): Shown {
  return JSON.parse(roster.page({ limit: 100, sort: 'openedAt', ...query }, who)) as Shown;
}

const ids = (shown: Shown): readonly string[] => shown.items.map(({ id }) => id);

describe('a list', () => {
  it('is sorted by any field, both ways, and by key where values are alike', () => {
    roster.put(LEDGER, [session('2'), session('1'), session('3', { state: 'detached' })]);
    expect(ids(page())).toEqual(['1', '2', '3']);
    expect(ids(page({ sort: '-openedAt' }))).toEqual(['3', '2', '1']);
    const [first, ...others] = page({ sort: 'state' }).items;
    expect(first?.id).toBe('3');
    expect(others.map(({ key }) => key)).toEqual(others.map(({ key }) => key).sort());
    expect(page({ sort: '-state' }).items).toEqual([...page({ sort: 'state' }).items].reverse());
  });

  it('is filtered without regard to case, and searched by words', () => {
    roster.put(LEDGER, [session('1'), session('2', { endpoint: 'Two.example', label: 'yacht of Ann' })]);
    expect(ids(page({ endpoint: 'TWO.example' }))).toEqual(['2']);
    expect(ids(page({ principal: 'contoso\\USER1' }))).toEqual(['1']);
    expect(ids(page({ q: 'ANN yacht' }))).toEqual(['2']);
    expect(ids(page({ q: 'ann ship' }))).toEqual(['2']);
    expect(ids(page({ q: 'nobody' }))).toEqual([]);
    expect(page({ state: 'live', endpoint: 'two.example' }).total).toBe(1);
  });

  it('is that of the scope: of others not even their number is told', () => {
    roster.put(LEDGER, [session('1'), session('2', { endpoint: 'two.example' })]);
    const who = makeWho('otto', 'viewer', ['fleet:two*']);
    expect(page({}, who)).toMatchObject({ items: [{ id: '2' }], total: 1 });
    expect(page().total).toBe(2);
  });

  it('refuses a cursor of another list, and what is none', () => {
    roster.put(LEDGER, [session('1'), session('2')]);
    const { nextCursor = '' } = page({ limit: 1 });
    const error = expect.objectContaining({ code: 'invalid-request' }) as unknown;
    expect(() => page({ cursor: nextCursor, sort: '-openedAt' })).toThrow(error);
    for (const cursor of ['', '!!', 'bm9uc2Vuc2U', 'W10', 'x'.repeat(2000)])
      expect(() => page({ cursor })).toThrow(error);
  });

  it('has short cursors, whatever texts are made of', () => {
    const principal = '\u0001'.repeat(4000);
    roster.put(LEDGER, [session('1', { principal }), session('2', { principal })]);
    const { nextCursor = '' } = page({ limit: 1, sort: '-principal' });
    expect(nextCursor.length).toBeLessThanOrEqual(512);
    expect(page({ limit: 1, sort: '-principal', cursor: nextCursor }).items).toHaveLength(1);
  });
});

describe('pages', () => {
  const many = Array.from({ length: 50 }, (_, place) => session(String(place)));

  it('make up the whole list', () => {
    roster.put(LEDGER, many);
    expect(walk(7)).toEqual(ids(page()));
  });

  it('show each session that stays once, while others come and go', () => {
    roster.put(LEDGER, many);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const shown = page({ limit: 5, cursor });
      seen.push(...ids(shown));
      cursor = shown.nextCursor;
      // What was just shown goes, with what the cursor stands at, and something comes in before it.
      const left = many.filter(({ id }) => !(seen.includes(id) && Number(id) % 2 === 1));
      roster.put(LEDGER, [...left, session(`00${seen.length}`, { openedAt: '2025-01-01T00:00:00.000Z' })]);
    } while (cursor !== undefined);
    expect(seen).toEqual(many.map(({ id }) => id));
  });

  function walk(limit: number): readonly string[] {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const shown = page({ limit, cursor });
      seen.push(...ids(shown));
      cursor = shown.nextCursor;
    } while (cursor !== undefined);
    return seen;
  }
});

describe('the table', () => {
  it('tells what comes, changes and goes, and nothing of what stays', () => {
    roster.put(LEDGER, [session('1'), session('2')]);
    changes = [];
    roster.put(LEDGER, [session('1'), session('2', { state: 'closing' }), session('3')]);
    expect(changes.map(({ row, isGone }) => [row.session.id, row.session.state, isGone])).toEqual([
      ['2', 'closing', false],
      ['3', 'live', false],
    ]);
    changes = [];
    roster.put(LEDGER, [session('1')]);
    expect(changes.map(({ row, isGone }) => [row.session.id, isGone])).toEqual([
      ['2', true],
      ['3', true],
    ]);
  });

  it('names a session otherwise where its id is used again', () => {
    roster.put(LEDGER, [session('1')]);
    const [before] = page().items;
    roster.put(LEDGER, [session('1', { fingerprint: 'another' })]);
    expect(page().items[0]?.key).not.toBe(before?.key);
    expect(roster.row(before?.key ?? '')).toBeUndefined();
    expect(before?.key).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it('has a session of several sources once, as the ledger has it, and until the last of them lets go', () => {
    roster.put('watch', [session('1', { state: 'unknown' })]);
    roster.put(LEDGER, [session('1')]);
    expect(page()).toMatchObject({ items: [{ state: 'live' }], total: 1 });
    roster.put(LEDGER, []);
    expect(page()).toMatchObject({ items: [{ state: 'unknown' }] });
    roster.drop('watch');
    expect(page().total).toBe(0);
    expect(changes.at(-1)).toMatchObject({ isGone: true });
  });

  it('keeps what a source knew while it cannot be asked, and says that', () => {
    roster.put(LEDGER, [session('1')]);
    roster.note(LEDGER, [{ provider: LEDGER, error: { code: 'internal', message: 'the disk is gone' } }]);
    roster.put(
      'watch',
      [],
      [{ provider: 'fleet', endpoint: 'two', watch: 'watch', error: { code: 'timeout', message: 'late' } }],
    );
    expect(page()).toMatchObject({ total: 1, problems: [{ provider: LEDGER }, { endpoint: 'two' }] });
    const who = makeWho('otto', 'viewer', ['fleet:one*']);
    expect(page({}, who).problems).toHaveLength(1);
  });
});
