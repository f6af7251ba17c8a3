import fc from 'fast-check';
import { Slipline } from '@slipline/core';
import { openBench, type OneViewBench } from '@slipline/hpe-oneview/testing';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  operationsOf,
  requestsFor,
  type FuzzedRequest,
  type Known,
  type OpenApiDocument,
  type Operation,
} from './fuzz.test.support.ts';
import { outboundPolicy } from './outbound/outbound.ts';
import { ROLES } from './security/who.ts';
import { openTestServer, type TestServer } from './server.test.support.ts';

jest.setTimeout(240_000);

const RUNS = Number(process.env['SLIPLINE_FUZZ_RUNS'] ?? 60);
const PLENTY = { requestsPerAddress: 1e9, requestsPerUser: 1e9, failedSignIns: 1e9 };

let bench: OneViewBench;
let server: TestServer;
let operations: readonly Operation[];
let keys: readonly string[];
/** Names of things that are there, so that requests get past the door. */
let known: Known;

beforeAll(async () => {
  bench = await openBench();
  const { port } = bench.appliance;
  const network = { ...bench.network, ...outboundPolicy([`127.0.0.1:${port}`]) };
  server = await openTestServer({ bench: { ...bench, network }, limits: PLENTY });
  const person = new Slipline({ providers: [bench.plugin], ledger: server.ledger, network: bench.network });
  for (let count = 0; count < 3; count++) await bench.open(person);
  await server.services.refresh();
  // Whoever may change something comes more often than the others.
  const roles = [...ROLES, 'operator', 'operator', 'operator'] as const;
  keys = await Promise.all(roles.map((role) => server.key({ role })));
  operations = operationsOf((await server.ask('GET', '/openapi.json')).json<OpenApiDocument>());
  known = await whatThereIs();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

async function whatThereIs(): Promise<Known> {
  const ask = await server.as();
  const { items } = (await ask('GET', '/v1/sessions')).json<{
    readonly items: readonly { readonly key: string }[];
  }>();
  const plan = await ask('POST', '/v1/plans', { sessions: items.map(({ key }) => key) });
  const { id } = plan.json<{ readonly id: string }>();
  const watch = await ask('POST', '/v1/watches', { provider: 'hpe-oneview', values: {} });
  const sessions = items.map(({ key }) => key);
  const { appliance, userName, password } = bench.connectValues();
  const time = '2026-01-01T00:00:00Z';
  const values = [
    { appliance, userName, password: password.reveal() },
    { appliance, userName, password: 'wrong' },
    { appliance: 'elsewhere.example', userName, password: 'x' },
    { appliance: ['1'] },
    {},
  ];
  return {
    names: [...sessions, id, watch.json<{ readonly id: string }>().id, appliance, userName, time],
    fields: {
      provider: ['hpe-oneview'],
      values,
      selector: values,
      key: sessions,
      sessions: [sessions, sessions.slice(1)],
      plan: [id],
      confirm: [true],
      since: [time],
      until: [time],
      'idempotency-key': ['one', 'two'],
    },
  };
}

/** What the service answers; of a stream only that it begins. */
async function answerTo({ method, isStream }: Operation, request: FuzzedRequest, key: string) {
  const asked = {
    method: method as 'GET',
    url: request.url,
    headers: { host: 'localhost', ...request.headers, authorization: `Bearer ${key}` },
    ...(request.payload !== undefined && { payload: request.payload }),
  };
  if (!isStream) return server.app.inject(asked);
  const answer = await server.app.inject({ ...asked, payloadAsStream: true });
  answer
    .stream()
    .on('error', () => undefined)
    .destroy();
  return { statusCode: answer.statusCode, headers: answer.headers, body: '' };
}

it('the document names every operation once, and refers to nothing that is not in it', async () => {
  const { body } = await server.ask('GET', '/openapi.json');
  const document = JSON.parse(body) as OpenApiDocument & {
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  for (const [, name = ''] of body.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect(document.components.schemas).toHaveProperty(name);
  expect(body.match(/"\$ref":"(?!#\/components\/schemas\/)/)).toBeNull();
  expect(operations.length).toBeGreaterThan(20);
  const ids = [...body.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  expect(ids).toHaveLength(operations.length);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain('getSessionsKey');
  expect(body).toContain('"x-roles":["operator"]');
});

it('no request makes the service fail, or leaves it without an answer', async () => {
  for (const operation of operations) {
    const property = fc.asyncProperty(
      requestsFor(operation, known),
      fc.constantFrom(...keys),
      async (request, key) => {
        const answer = await answerTo(operation, request, key);
        const { statusCode, headers, body } = answer;
        if (statusCode < 400) return;
        const problem = operation.isStream ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>);
        expect(headers['content-type']).toBe('application/problem+json');
        // What a managed system says, or does not say, is not this service's own failure.
        const isSystems = [502, 504].includes(statusCode) && problem['system'] !== undefined;
        if (statusCode >= 500 && !isSystems) throw new Error(`${statusCode}: ${body}`);
      },
    );
    await fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: 30_000 });
  }
  expect((await server.ask('GET', '/readyz')).statusCode).toBe(200);
});

it('HEAD of everything that can be read comes to its end', async () => {
  const [key = ''] = keys;
  const { streams } = server.services.events;
  // A stream would never end: it has no HEAD.
  for (const { path } of operations.filter(({ method, isStream }) => method === 'GET' && !isStream)) {
    const answer = await server.app.inject({
      method: 'HEAD',
      url: path.replace(/\{\w+\}/g, 'x'),
      headers: { host: 'localhost', authorization: `Bearer ${key}` },
    });
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.body).toBe('');
  }
  expect(server.services.events.streams).toBe(streams);
});
