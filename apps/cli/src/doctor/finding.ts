/** One thing that was looked at. */
export interface Finding {
  readonly about: 'sessions' | 'quota' | 'clock' | 'secrets' | 'plugins' | 'disk';
  /** `note`: worth knowing. `problem`: something does not work, or is left over. */
  readonly level: 'ok' | 'note' | 'problem';
  readonly what: string;
  /** What to do about it. */
  readonly next?: string | undefined;
}

/** `1 session`, `3 sessions`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
