import { setMaxListeners } from 'node:events';

/** Calls `act` when `signal` aborts, unless what is returned is called before. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  // Many calls may wait under one signal, which is no leak, although Node warns from the eleventh on.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}
