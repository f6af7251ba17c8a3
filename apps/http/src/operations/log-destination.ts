import { pino } from 'pino';

/** stderr, written beside other work; what is left is written by `flushSync`. */
export function openDestination(): ReturnType<typeof pino.destination> {
  const destination = pino.destination({ dest: 2, sync: false });
  // Nobody may read it any more.
  destination.on('error', () => undefined);
  return destination;
}
