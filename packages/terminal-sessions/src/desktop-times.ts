import type { DesktopFacts } from './terminal-client.ts';

const PER_MILLISECOND = 10_000n;
const UNTIL_1970 = 116_444_736_000_000_000n;
const LAST = 253_402_300_799_999n;
/** What is earlier is no point in time: Windows writes how long it has been up into the same field. */
const EARLIEST_INPUT = Date.UTC(2000, 0, 1);

/** Milliseconds since 1970 of a FILETIME; nothing for 0, for what is negative and for what no calendar has. */
function timeOf(filetime: bigint | undefined): number | undefined {
  if (filetime === undefined || filetime <= 0n) return undefined;
  const milliseconds = (filetime - UNTIL_1970) / PER_MILLISECOND;
  return milliseconds > LAST ? undefined : Number(milliseconds);
}

/** RFC 3339. */
export function timestamp(filetime: bigint | undefined): string | undefined {
  const time = timeOf(filetime);
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** The time of the last input where the field holds one. */
export function inputTime(filetime: bigint | undefined): number | undefined {
  const time = timeOf(filetime);
  return time !== undefined && time >= EARLIEST_INPUT ? time : undefined;
}

/** Whole seconds since anybody used the session, time spent disconnected included; nothing where the host does not tell. */
export function idleSeconds(
  { state, disconnectTime, lastInputTime }: Pick<DesktopFacts, 'state' | 'disconnectTime' | 'lastInputTime'>,
  now: number,
): number | undefined {
  const since = inputTime(lastInputTime) ?? (state === 'Disconnected' ? timeOf(disconnectTime) : undefined);
  return since === undefined ? undefined : Math.max(0, Math.floor((now - since) / 1000));
}
