import { describe, expect, it } from '@jest/globals';
import { COMPUTER_CLOCK, Http } from './http.ts';
import { failureOf } from './bench.test.support.ts';

const URL_ = 'https://login.example/token';
const NEVER = new AbortController().signal;

function http(answer: (init: RequestInit) => Response | Promise<Response>, timeout = 30_000) {
  const fetching = (async (_url: string, init: RequestInit) => answer(init)) as unknown as typeof fetch;
  return new Http({ fetch: fetching, clock: { ...COMPUTER_CLOCK, now: () => 1_000_000 }, timeout });
}

/** Never answers, and gives up when it is told to. */
const silent = (init: RequestInit) =>
  new Promise<Response>((_resolve, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
  });

describe('an answer', () => {
  it('is read whole, with the time and how long to wait', async () => {
    const date = new Date(4_600_000).toUTCString();
    const reply = await http(
      () => new Response('{"a":1}', { status: 400, headers: { date, 'retry-after': '3' } }),
    ).send(URL_, { method: 'GET' }, NEVER);
    expect(reply).toMatchObject({
      status: 400,
      json: { a: 1 },
      skew: 3_600_000,
      retryAfter: 3000,
      sentAt: 1_000_000,
    });
  });

  it('may be no JSON, have no time, and name a date to wait for', async () => {
    const headers = { 'retry-after': 'Fri, 01 Jan 2027 00:00:00 GMT', date: 'never' };
    const reply = await http(() => new Response('<html>', { headers })).send(URL_, { method: 'GET' }, NEVER);
    expect(reply).toMatchObject({ json: undefined, skew: 0, retryAfter: undefined });
    const empty = await http(() => new Response(null, { status: 204 })).send(URL_, { method: 'GET' }, NEVER);
    expect(empty).toMatchObject({ status: 204, json: undefined });
  });

  it.each([
    ['https://elsewhere.example/token', 'foreign-host'],
    ['//elsewhere.example', 'foreign-host'],
    ['/other', 'bad-answer'],
    ['http://[', 'bad-answer'],
  ])('that redirects to %s is not followed', async (location, code) => {
    let count = 0;
    const client = http((init) => {
      count += 1;
      expect(init.redirect).toBe('manual');
      return new Response(null, { status: 302, headers: { location } });
    });
    await expect(client.send(URL_, { method: 'POST', body: 'secret' }, NEVER)).rejects.toMatchObject({
      code,
    });
    expect(count).toBe(1);
  });

  it('is given up when it is too large', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
      cancel: () => {
        cancelled = true;
      },
    });
    await expect(
      http(() => new Response(endless)).send(URL_, { method: 'GET' }, NEVER),
    ).rejects.toMatchObject({
      code: 'bad-answer',
    });
    expect(cancelled).toBe(true);
  });
});

describe('no answer', () => {
  it('in time', async () => {
    await expect(http(silent, 5).send(URL_, { method: 'GET' }, NEVER)).rejects.toMatchObject({
      code: 'timeout',
      message: 'login.example did not answer in time',
    });
  });

  it("when the caller has had enough, which ends with the caller's own reason", async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const pending = failureOf(http(silent).send(URL_, { method: 'GET' }, controller.signal));
    controller.abort(reason);
    expect(await pending).toBe(reason);
  });

  it('because the network fails', async () => {
    const cause = new TypeError('fetch failed');
    const client = http(() => Promise.reject(cause));
    await expect(client.send(URL_, { method: 'GET' }, NEVER)).rejects.toMatchObject({
      code: 'unreachable',
      cause,
    });
  });

  it("in words of the caller's own", async () => {
    const words = Object.assign(new Error('untrusted'), { code: 'untrusted' });
    expect(await failureOf(http(() => Promise.reject(words)).send(URL_, { method: 'GET' }, NEVER))).toBe(
      words,
    );
  });
});

it('waits as long as it is told, or until the signal', async () => {
  await COMPUTER_CLOCK.sleep(1, NEVER);
  const controller = new AbortController();
  const reason = new Error('enough');
  const pending = failureOf(COMPUTER_CLOCK.sleep(60_000, controller.signal));
  controller.abort(reason);
  expect(await pending).toBe(reason);
});
