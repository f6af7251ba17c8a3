import { createStore } from './store.ts';

export const VIEWS = ['sessions', 'watches', 'history', 'audit'] as const;
export type View = (typeof VIEWS)[number];

/** What the address asks for: `?view=history&user=…`. */
export const address = createStore(new URLSearchParams(globalThis.location?.search));

export function viewOf(search: URLSearchParams): View {
  return VIEWS.find((view) => view === search.get('view')) ?? 'sessions';
}

/** The address of a view with what is chosen in it; what is empty is left out. */
export function searchFor(view: View, chosen: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries({ view: view === 'sessions' ? '' : view, ...chosen });
  const search = new URLSearchParams(given.filter(([, value]) => value !== '')).toString();
  return search === '' ? '/' : `/?${search}`;
}

/** Goes to another view, to which the browser's back button returns. */
export function goTo(view: View): void {
  history.pushState(null, '', searchFor(view));
  address.update(() => new URLSearchParams(location.search));
}

/** Keeps in the address what is chosen in a view. */
export function choose(view: View, chosen: Readonly<Record<string, string>>): void {
  history.replaceState(null, '', searchFor(view, chosen));
  address.update(() => new URLSearchParams(location.search));
}

/** Follows the browser's back and forward buttons. Answers what stops it. */
export function followHistory(): () => void {
  const follow = (): void => address.update(() => new URLSearchParams(location.search));
  addEventListener('popstate', follow);
  return () => removeEventListener('popstate', follow);
}
