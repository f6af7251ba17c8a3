import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { CONTOSO, PUBLIC_APPLICATION } from './index.ts';
import { ADA, authorization, start, wire } from './wire.test.support.ts';

/** An application that waits for the browser, and what the browser brings. */
async function waiting() {
  const server = createServer((request, response) => {
    void received.push(
      bodyOf(request).then((body) => new URLSearchParams(body || (request.url ?? '').slice(2))),
    );
    response.end('thanks');
  });
  const received: Promise<URLSearchParams>[] = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const redirectUri = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    redirectUri,
    answer: async () => Object.fromEntries((await received[0]) ?? []),
    count: () => received.length,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}

describe.each(['query', 'form_post'])('a sign-in that comes back by %s', (mode) => {
  it('brings a code and the state', async () => {
    await using provider = await start();
    await using application = await waiting();
    const { url } = authorization(provider, { redirect_uri: application.redirectUri, response_mode: mode });
    expect(await wire.signIn(url, ADA)).toMatchObject({ status: 200, text: 'thanks' });
    expect(await application.answer()).toMatchObject({
      state: 'the-state',
      code: expect.stringMatching(/^fake-code\./),
    });
  });

  it('brings a refusal with its number', async () => {
    await using provider = await start();
    await using application = await waiting();
    const { url } = authorization(provider, { redirect_uri: application.redirectUri, response_mode: mode });
    await wire.signIn(url, { ...ADA, decision: 'decline' });
    expect(await application.answer()).toMatchObject({
      state: 'the-state',
      error: 'access_denied',
      error_description: expect.stringContaining('AADSTS65004'),
    });
  });
});

it('stays at the page when the password is wrong', async () => {
  await using provider = await start();
  await using application = await waiting();
  const { url } = authorization(provider, { redirect_uri: application.redirectUri });
  expect((await wire.signIn(url, { ...ADA, password: 'wrong' })).status).toBe(401);
  expect(application.count()).toBe(0);
});

it('does not get past a consent that only an administrator can give', async () => {
  await using provider = await start();
  await using application = await waiting();
  provider.register(CONTOSO.id, { ...PUBLIC_APPLICATION, consent: 'admin' });
  await wire.signIn(authorization(provider, { redirect_uri: application.redirectUri }).url, ADA);
  expect(await application.answer()).toMatchObject({ error: 'consent_required' });
});
