import { styleText } from 'node:util';
import type { Writable } from 'node:stream';

/** Emphasis where a person reads it; the text as it is everywhere else. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly bad: (text: string) => string;
}

type Emphasis = 'bold' | 'red';

/** As `NO_COLOR`, `TERM` and the stream allow it. */
export function styleFor(stream: Writable, environment: Readonly<Record<string, string | undefined>>): Style {
  const isPlain =
    !isTerminal(stream) || (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  const styled = (emphasis: Emphasis) => (text: string) =>
    isPlain ? text : styleText(emphasis, text, { validateStream: false });
  return { strong: styled('bold'), bad: styled('red') };
}

export function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
