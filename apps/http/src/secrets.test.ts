import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBench, type OneViewBench } from '@slipline/hpe-oneview/testing';
import { findCanaries } from '@slipline/testkit';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { operationsOf, type OpenApiDocument } from './fuzz.test.support.ts';
import { openTestServer, type Ask, type TestServer } from './server.test.support.ts';

let bench: OneViewBench;
let server: TestServer;
/** Everything that left the service, by the operation that brought it. */
let shown: Map<string, string[]>;

beforeEach(async () => {
  bench = await openBench({ password: () => `canary-password-${Math.random().toString(36).slice(2)}` });
  server = await openTestServer({ bench });
  shown = new Map();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Asks, and keeps what comes back under the operation's name. */
function keeping(ask: Ask): (operation: string, names?: object, payload?: object) => Promise<Answer> {
  return async (operation, names = {}, payload) => {
    const [method = '', path = ''] = operation.split(' ');
    const url = Object.entries(names).reduce(
      (all, [name, value]) => all.replace(`{${name}}`, String(value)),
      path,
    );
    const answer = await ask(method as 'GET', url, payload);
    keep(operation, `${answer.statusCode} ${JSON.stringify(answer.headers)} ${answer.body}`);
    return { status: answer.statusCode, body: answer.body === '' ? {} : answer.json<Answer['body']>() };
  };
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly id?: string;
    readonly key?: string;
    readonly state?: string;
    readonly items?: readonly { readonly key?: string; readonly id?: string }[];
  };
}

function keep(operation: string, text: string): void {
  shown.set(operation, [...(shown.get(operation) ?? []), text]);
}

async function stream(address: string, operation: string, path: string, key: string): Promise<void> {
  const stop = new AbortController();
  const answer = await fetch(`${address}${path}`, {
    headers: { authorization: `Bearer ${key}` },
    signal: stop.signal,
  });
  const reader = (answer.body as ReadableStream<Uint8Array> | null)?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  // A job's stream ends by itself, the other after the job was told of.
  for (;;) {
    const read = await reader?.read();
    if (read?.value !== undefined) text += decoder.decode(read.value, { stream: true });
    if (read?.done !== false || /"state":"done"/.test(text)) break;
  }
  stop.abort();
  keep(operation, text);
}

it('no secret is in any answer, stream, log or file, whatever is asked', async () => {
  const key = await server.key();
  const auditorKey = await server.key({ role: 'auditor' });
  const as =
    (text: string): Ask =>
    (method, url, payload, headers) =>
      server.ask(method, url, payload, { ...headers, authorization: `Bearer ${text}` });
  const ask = keeping(as(key));
  const audit = keeping(as(auditorKey));
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { appliance, userName, password } = bench.connectValues();
  const values = { appliance, userName, password: password.reveal() };
  const wrong = { appliance, userName, password: 'canary-wrong-password' };
  const token = bench.appliance.openSession({ userName }).token;

  const page = keeping(server.ask);
  await page('POST /v1/sign-in', {}, { token: 'canary-sign-in-token' });
  await page('POST /v1/sign-in', {}, { key: 'slk_canary_sign_in_key' });
  await page('POST /v1/sign-in', {}, { canary_field_token: 'canary-unknown-field' });
  const events = stream(address, 'GET /v1/events', '/v1/events', key);

  const opened = await ask('POST /v1/connections', {}, { provider: 'hpe-oneview', values });
  expect(opened.status).toBe(201);
  expect(
    (
      await ask(
        'POST /v1/connections',
        {},
        { provider: 'hpe-oneview', values: { appliance, sessionId: token } },
      )
    ).status,
  ).toBe(201);
  expect((await ask('POST /v1/connections', {}, { provider: 'hpe-oneview', values: wrong })).status).toBe(
    502,
  );
  await ask(
    'POST /v1/connections',
    {},
    { provider: 'hpe-oneview', values: { ...wrong, appliance: 'canary.invalid' } },
  );
  await ask(
    'POST /v1/connections',
    {},
    { provider: 'hpe-oneview', values: { ...wrong, password: ['canary-in-a-list'] } },
  );
  await ask(
    'POST /v1/connections',
    {},
    { provider: 'hpe-oneview', values: { ...wrong, passwort: 'canary-misspelt' } },
  );
  await ask('POST /v1/connections', {}, { provider: 'hpe-oneview', values: wrong, more: 'canary-more' });
  await ask('POST /v1/connections', {}, { provider: 'none', values: wrong });
  const watch = await ask('POST /v1/watches', {}, { provider: 'hpe-oneview', values: {} });
  await ask('POST /v1/watches', {}, { provider: 'hpe-oneview', values: wrong });
  const named = { id: watch.body.id };
  for (const operation of [
    'GET /v1/watches',
    'GET /v1/watches/{id}',
    'POST /v1/watches/{id}/refresh',
    'DELETE /v1/watches/{id}',
  ])
    await ask(operation, named);

  const list = await ask('GET /v1/sessions');
  const keys = list.body.items?.map((session) => session.key) ?? [];
  expect(keys.length).toBeGreaterThanOrEqual(2);
  await ask('GET /v1/sessions/{key}', { key: keys[0] });
  const plan = await ask('POST /v1/plans', {}, { sessions: keys });
  await ask('POST /v1/plans', {}, { provider: 'hpe-oneview', selector: wrong });
  await ask('GET /v1/plans/{id}', { id: plan.body.id });
  bench.fail('error');
  const job = await ask('POST /v1/disconnections', {}, { plan: plan.body.id, confirm: true, reason: 'tidy' });
  expect(job.status).toBe(202);
  const jobPath = `/v1/disconnections/${job.body.id ?? ''}`;
  await stream(address, 'GET /v1/disconnections/{id}/events', `${jobPath}/events`, key);
  await events;
  bench.heal();
  await ask('GET /v1/disconnections');
  await ask('GET /v1/disconnections/{id}', { id: job.body.id });
  await ask('DELETE /v1/disconnections/{id}', { id: job.body.id });
  for (const path of ['me', 'providers', 'receipts'].map((name) => `GET /v1/${name}`)) await ask(path);
  await audit('GET /v1/audit');
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
    const answer = await as(key)('GET', path);
    keep(`GET ${path}`, `${JSON.stringify(answer.headers)} ${answer.body}`);
  }
  await ask('DELETE /v1/sign-in');

  const { body } = await server.ask('GET', '/openapi.json');
  const all = operationsOf(JSON.parse(body) as OpenApiDocument).map(
    ({ method, path }) => `${method} ${path}`,
  );
  expect([...shown.keys()].sort()).toEqual([...all].sort());

  const secrets = [
    ...bench.canaries(),
    token,
    key.slice(17),
    auditorKey.slice(17),
    ...['sign-in-token', 'wrong-password', 'in-a-list', 'unknown-field', 'misspelt', 'more'].map(
      (name) => `canary-${name}`,
    ),
  ];
  expect(secrets.length).toBeGreaterThan(8);
  for (const [operation, texts] of shown)
    expect([operation, ...findCanaries(texts, secrets)]).toEqual([operation]);
  expect(findCanaries([server.log.records], secrets)).toEqual([]);
  expect(findCanaries(await filesBelow(server.folder), secrets)).toEqual([]);
});

async function filesBelow(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map((file) => readFile(file, 'utf8')));
}
