const UNITS = [
  { seconds: 86_400, short: 'd' },
  { seconds: 3600, short: 'h' },
  { seconds: 60, short: 'min' },
  { seconds: 1, short: 's' },
] as const;

/** Two units at most: `3 d 4 h`, `12 min`, `5 s`. Seconds are told only below a minute. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex((unit) => whole >= unit.seconds);
  if (first === -1) return '0 s';
  const parts = UNITS.slice(first, first + (first < 2 ? 2 : 1)).map(({ seconds: size, short }, index) => {
    const larger = index === 0 ? Infinity : (UNITS[first]?.seconds ?? Infinity);
    return { count: Math.floor((whole % larger) / size), short };
  });
  return parts
    .filter(({ count }) => count > 0)
    .map(({ count, short }) => `${count} ${short}`)
    .join(' ');
}

/** How long ago that was; nothing for what is no time. */
export function elapsed(since: string | undefined, now: number): string {
  const from = since === undefined ? Number.NaN : Date.parse(since);
  return Number.isNaN(from) ? '' : duration((now - from) / 1000);
}

const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time as people here write it; what is no time as it is. */
export function moment(time: string | undefined): string {
  if (time === undefined) return '';
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : CLOCK.format(at);
}

/** What a field of type `datetime-local` holds, as RFC 3339; nothing when it is empty or no time. */
export function instant(local: string): string | undefined {
  const at = Date.parse(local);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
