import { describe, expect, it } from '@jest/globals';
import { arrange, EVERYTHING, filterOf, searchOf, sortedBy, type Filter } from './filter.ts';
import { session } from './session.test.support.ts';

const sessions = [
  session('1', { label: 'jdoe on SERVER01', principal: 'CONTOSO\\jdoe', openedAt: '2026-01-01T10:00:00Z' }),
  session('2', { label: 'asmith on server02', details: { idleSeconds: 600 }, state: 'detached' }),
  session('3', { endpoint: 'ov1.example', provider: 'hpe-oneview', openedAt: '2026-01-01T12:00:00Z' }),
  session('4', { ownership: 'opened', details: { idleSeconds: 60 } }),
];
const keys = (filter: Partial<Filter>): string[] =>
  arrange(sessions, { ...EVERYTHING, ...filter }).map(({ key }) => key);

describe('what is shown', () => {
  it.each<[string, Partial<Filter>, string[]]>([
    ['words in any field, whatever their case', { text: 'contoso JDOE' }, ['1']],
    ['a word that is nowhere', { text: 'jdoe nowhere' }, []],
    ['a provider', { provider: 'hpe-oneview' }, ['3']],
    ['a state', { state: 'detached' }, ['2']],
    ['an ownership', { ownership: 'opened' }, ['4']],
    ['a word as it is, not as a pattern', { text: '.*' }, []],
  ])('follows %s', (_what, filter, expected) => {
    expect(keys(filter)).toEqual(expected);
  });

  it('is the newest first, and what has no time last', () => {
    expect(keys({})).toEqual(['3', '1', '2', '4']);
    expect(keys({ isDescending: true })).toEqual(['1', '3', '2', '4']);
  });

  it('sorts by idle time', () => {
    expect(keys({ sort: 'idle' }).slice(0, 2)).toEqual(['4', '2']);
    expect(keys({ sort: 'idle', isDescending: true }).slice(0, 2)).toEqual(['2', '4']);
  });

  it('turns round when sorted by the same column again', () => {
    const first = sortedBy(EVERYTHING, 'label');
    expect([first.sort, first.isDescending]).toEqual(['label', false]);
    expect(sortedBy(first, 'label').isDescending).toBe(true);
  });
});

describe('the address', () => {
  it('keeps a filter', () => {
    const filter: Filter = {
      text: 'a & b',
      provider: 'wsman',
      state: 'live',
      ownership: 'foreign',
      sort: 'idle',
      isDescending: true,
    };
    expect(filterOf(new URLSearchParams(searchOf(filter)))).toEqual(filter);
    expect(searchOf(EVERYTHING)).toEqual({ q: '', provider: '', state: '', ownership: '', sort: '' });
  });

  it('says nothing where it makes no sense', () => {
    expect(filterOf(new URLSearchParams('sort=-constructor&q='))).toEqual(EVERYTHING);
  });
});
