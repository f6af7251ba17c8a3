import type { Socket } from 'node:net';

/** The socket once `event` says that it stands; destroyed when the signal is aborted before. */
export function established<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener(event, onReady).removeListener('error', onError).removeListener('close', onClose);
      end();
    };
    const onReady = settle(() => resolve(socket));
    const onClose = settle(() => reject(new Error('the connection was closed while it was being set up')));
    const onAbort = settle(() => {
      socket.on('error', () => undefined).destroy();
      reject(signal.reason as Error);
    });
    function onError(error: Error): void {
      settle(() => reject(error))();
    }
    socket.once(event, onReady).once('error', onError).once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
