import type { Sink } from './sink.ts';

/** Emphasis where a person reads it; the text as it is everywhere else. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** As `NO_COLOR`, `TERM` and the stream allow it. */
export function styleFor(stream: Sink, environment: Readonly<Record<string, string | undefined>>): Style {
  const isPlain =
    !isTerminal(stream) || (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  const styled = (on: number, off: number) => (text: string) =>
    isPlain ? text : `\u001b[${on}m${text}\u001b[${off}m`;
  return { strong: styled(1, 22), bad: styled(31, 39) };
}

export function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
