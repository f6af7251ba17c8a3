import { parsePlain } from './plain-json.ts';

/** `lost`: what is shown may be out of date. `anew`: events may have been missed before, so that what they build on is to be
 *  read now; also at first. `open`: it goes on where it broke. */
type StreamState = 'open' | 'anew' | 'lost';

interface StreamOptions {
  readonly events: Readonly<Record<string, (data: unknown) => void>>;
  readonly onState?: ((state: StreamState) => void) | undefined;
  /** Before a stream that the service refused is opened again; answers whether to. */
  readonly mayReopen: () => Promise<boolean>;
}

const REOPEN_AFTER = 1500;
/** Milliseconds without a sign of life after which a connection counts as dead, though nobody closed it. */
const SILENCE = 60_000;
/** Milliseconds out of sight after which a page gives its connection back: a browser has few to one service. */
const UNSEEN = 30_000;

/**
 * Server-sent events that stay open: the browser resumes with Last-Event-ID where a connection breaks; where it gives up,
 * because the service refused, another one is opened anew. A page that is out of sight for long has none. Answers what closes it.
 */
export function openStream(path: string, { events, onState, mayReopen }: StreamOptions): () => void {
  const handlers = new Map<string, ((data: unknown) => void) | undefined>([
    ['heartbeat', undefined],
    ...Object.entries(events),
  ]);
  let source: EventSource | undefined;
  let isClosed = false;
  let isLost = false;
  let wasOpen = false;
  let silence = 0;
  let retry = 0;
  let unseen = 0;

  const watchSilence = (): void => {
    clearTimeout(silence);
    silence = setTimeout(reopen, SILENCE);
  };
  const lost = (): void => {
    if (!isLost) onState?.('lost');
    isLost = true;
  };
  const open = (): void => {
    if (isClosed) return;
    source = new EventSource(path);
    wasOpen = false;
    source.onopen = () => {
      onState?.(wasOpen ? 'open' : 'anew');
      wasOpen = true;
      isLost = false;
      watchSilence();
    };
    source.onerror = () => {
      lost();
      if (source?.readyState === EventSource.CLOSED) scheduleReopen();
    };
    for (const [name, handle] of handlers) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        watchSilence();
        handle?.(event.data === '' ? undefined : parsePlain(event.data));
      });
    }
  };
  const scheduleReopen = (): void => {
    clearTimeout(retry);
    retry = setTimeout(() => {
      void mayReopen().then((may) => {
        if (may) open();
        else if (!isClosed) scheduleReopen();
      });
    }, REOPEN_AFTER);
  };
  const reopen = (): void => {
    lost();
    source?.close();
    open();
  };

  const pause = (): void => {
    clearTimeout(silence);
    clearTimeout(retry);
    source?.close();
    source = undefined;
  };
  const onVisibility = (): void => {
    clearTimeout(unseen);
    if (document.hidden) unseen = setTimeout(pause, UNSEEN);
    else if (source === undefined) open();
  };

  open();
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    isClosed = true;
    document.removeEventListener('visibilitychange', onVisibility);
    clearTimeout(unseen);
    clearTimeout(silence);
    clearTimeout(retry);
    source?.close();
  };
}
