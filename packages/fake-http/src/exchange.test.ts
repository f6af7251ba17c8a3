import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, it } from '@jest/globals';
import { cutOff, endWithBlanks } from './exchange.ts';
import { Listener } from './listener.ts';
import { ask, failureOf, open } from './talk.test.support.ts';

let listener: Listener;
afterEach(() => listener.stop());

async function start(answer: (response: ServerResponse, reset: () => void) => void): Promise<void> {
  listener = new Listener();
  await listener.start((request, response) => answer(response, () => listener.reset(request.socket)));
}

it('puts blanks before a body', async () => {
  await start((response) => endWithBlanks(response, 200_001, Buffer.from('{}')));
  const { text } = await ask(listener);
  expect([text.length, text.trimStart()]).toEqual([200_003, '{}']);
});

it('sends nothing but blanks where there is no body', async () => {
  await start((response) => endWithBlanks(response, 3));
  expect((await ask(listener)).text).toBe('   ');
});

it('sends blanks no faster than they are read, and stops when the client goes away', async () => {
  let sent: ServerResponse | undefined;
  await start((response) => {
    sent = response;
    endWithBlanks(response, 1_000_000_000);
  });
  const incoming = await open(listener);
  await once(incoming, 'readable');
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  expect(sent?.writableLength).toBeLessThan(1_000_000);
  expect(sent?.writableEnded).toBe(false);
  incoming.destroy();
  while (listener.openConnectionCount > 0) await new Promise(setImmediate);
  expect(sent?.writableEnded).toBe(false);
});

it('breaks off in the middle of a body', async () => {
  const body = Buffer.from('0123456789');
  await start((response, reset) => {
    response.writeHead(200, { 'content-length': body.length });
    cutOff({ response, reset }, body);
  });
  const incoming = await open(listener);
  let received = '';
  incoming.on('data', (chunk: Buffer) => (received += String(chunk)));
  expect(await failureOf(once(incoming, 'end'))).toBe('ECONNRESET');
  expect(received).toBe('01234');
});
