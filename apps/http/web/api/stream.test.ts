import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openStream } from './stream.ts';

/** The browser's, opened and broken by hand. */
class FakeEventSource {
  static readonly CLOSED = 2;
  static readonly all: FakeEventSource[] = [];
  readonly path: string;
  readyState = 0;
  onopen: () => void = () => undefined;
  onerror: () => void = () => undefined;
  readonly #handlers = new Map<string, (event: { data: string }) => void>();

  constructor(path: string) {
    this.path = path;
    FakeEventSource.all.push(this);
  }

  addEventListener(name: string, handle: (event: { data: string }) => void): void {
    this.#handlers.set(name, handle);
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  opens(): void {
    this.readyState = 1;
    this.onopen();
  }

  /** `isForGood`: the service refused, and the browser gives up. */
  breaks(isForGood = false): void {
    this.readyState = isForGood ? FakeEventSource.CLOSED : 0;
    this.onerror();
  }

  tells(name: string, data: unknown): void {
    this.#handlers.get(name)?.({ data: JSON.stringify(data) });
  }
}

const page = Object.assign(new EventTarget(), { hidden: false });
const hide = (hidden: boolean): void => {
  page.hidden = hidden;
  page.dispatchEvent(new Event('visibilitychange'));
};

let states: string[];
let heard: unknown[];
let close: () => void;
const latest = (): FakeEventSource => {
  const source = FakeEventSource.all.at(-1);
  if (source === undefined) throw new Error('nothing was opened');
  return source;
};

beforeEach(() => {
  jest.useFakeTimers();
  Object.assign(globalThis, { EventSource: FakeEventSource, document: page });
  FakeEventSource.all.length = 0;
  [states, heard] = [[], []];
  close = openStream('/v1/events', {
    events: { session: (data) => heard.push(data) },
    onState: (state) => states.push(state),
    mayReopen: () => Promise.resolve(true),
  });
});

afterEach(() => {
  close();
  page.hidden = false;
  jest.useRealTimers();
});

describe('a stream', () => {
  it('is read anew at first, and goes on where the browser resumes it', () => {
    latest().opens();
    latest().breaks();
    latest().breaks();
    latest().opens();
    expect(states).toEqual(['anew', 'lost', 'open']);
    expect(FakeEventSource.all).toHaveLength(1);
  });

  it('hands over what is told, without what could mislead', () => {
    latest().opens();
    latest().tells('session', { label: 'j\u202edoe' });
    expect(heard).toEqual([{ label: 'jdoe' }]);
  });

  it('is opened anew where the service refused it', async () => {
    latest().opens();
    latest().breaks(true);
    await jest.advanceTimersByTimeAsync(2000);
    expect(FakeEventSource.all).toHaveLength(2);
    latest().opens();
    expect(states).toEqual(['anew', 'lost', 'anew']);
  });

  it('counts as lost when nothing is heard for long, and not while there are heartbeats', async () => {
    latest().opens();
    for (let beats = 0; beats < 10; beats++) {
      await jest.advanceTimersByTimeAsync(15_000);
      latest().tells('heartbeat', {});
    }
    expect(states).toEqual(['anew']);
    await jest.advanceTimersByTimeAsync(61_000);
    expect(states).toEqual(['anew', 'lost']);
    expect(FakeEventSource.all).toHaveLength(2);
  });

  it('is given back while nobody sees the page for long, and opened anew when they do', async () => {
    latest().opens();
    hide(true);
    await jest.advanceTimersByTimeAsync(5000);
    hide(false);
    expect(FakeEventSource.all).toHaveLength(1);
    hide(true);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(latest().readyState).toBe(FakeEventSource.CLOSED);
    expect(FakeEventSource.all).toHaveLength(1);
    hide(false);
    latest().opens();
    expect(FakeEventSource.all).toHaveLength(2);
    expect(states).toEqual(['anew', 'anew']);
  });

  it('stays closed once it was closed', async () => {
    latest().opens();
    close();
    latest().breaks(true);
    hide(true);
    hide(false);
    await jest.advanceTimersByTimeAsync(120_000);
    expect(FakeEventSource.all).toHaveLength(1);
  });
});
