import { BUTTONS, type MessageValues } from './plugin.ts';
import type { DesktopMessage } from './terminal-client.ts';

const DEFAULT_TIMEOUT = 15;

/** What buttons answer (`MessageBox`), and what Windows answers for them. */
const ANSWERS: Readonly<Record<number, string>> = {
  1: 'Ok',
  2: 'Cancel',
  3: 'Abort',
  4: 'Retry',
  5: 'Ignore',
  6: 'Yes',
  7: 'No',
  32_000: 'TimedOut',
  32_001: 'NotWaited',
};

/** Naming buttons, or how long to wait, is asking for the answer. */
export function messageOf({
  text,
  title = 'Message',
  buttons,
  timeoutSeconds,
}: MessageValues): DesktopMessage {
  return {
    title,
    text,
    style: buttons === undefined ? 0 : BUTTONS.indexOf(buttons),
    timeout: timeoutSeconds ?? DEFAULT_TIMEOUT,
    waits: buttons !== undefined || timeoutSeconds !== undefined,
  };
}

export function answerOf(number: number): string {
  return ANSWERS[number] ?? `Other (${number})`;
}
