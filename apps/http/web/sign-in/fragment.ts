/** The one-time token that an address brings in its fragment: `#sign-in=…`. */
export function tokenOf(fragment: string): string | undefined {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('sign-in');
  return token === null || token === '' ? undefined : token;
}

/** Takes the token out of the address, and out of the history, before anything else is done with it. */
export function takeToken(place: Location, past: History): string | undefined {
  const token = tokenOf(place.hash);
  if (token !== undefined) past.replaceState(null, '', `${place.pathname}${place.search}`);
  return token;
}
