import { chmod, mkdir } from 'node:fs/promises';
import {
  DisconnectError,
  MemoryLedger,
  type AnyPlugin,
  type OperationIntent,
  type Session,
} from '@slipline/core';
import { openBench, type OneViewBench } from '@slipline/hpe-oneview/testing';
import { manualClock } from '@slipline/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTestServer, type Ask, type TestServer } from '../server.test.support.ts';

let bench: OneViewBench;
let server: TestServer;

beforeEach(async () => {
  bench = await openBench();
  server = await openTestServer({ bench });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

describe('providers', () => {
  it('are described by their parameters, as data', async () => {
    const ask = await server.as({ role: 'viewer' });
    const { items, problems } = (await ask('GET', '/v1/providers')).json<{
      readonly items: readonly object[];
      readonly problems: readonly object[];
    }>();
    expect(problems).toEqual([]);
    const { id, title, impact, connect, find } = bench.plugin;
    expect(items).toMatchObject(
      JSON.parse(JSON.stringify([{ id, title, impact, connect, find }])) as readonly object[],
    );
  });

  it('that take files of this machine do not offer that, and refuse it', async () => {
    const key = { type: 'string', format: 'path', summary: 'a file' } as const;
    const plugin = { ...bench.plugin, connect: { ...bench.plugin.connect, keyFile: key } };
    await using other = await openTestServer({ providers: [plugin] });
    const ask = await other.as();
    expect((await ask('GET', '/v1/providers')).body).not.toContain('keyFile');
    const answer = await ask('POST', '/v1/connections', {
      provider: plugin.id,
      values: { appliance: 'ov1.example', userName: 'x', password: 'y', keyFile: '/etc/shadow' },
    });
    expect(answer.json()).toMatchObject({ status: 403, code: 'forbidden' });
    expect(answer.body).toContain('keyFile names a file');
  });

  it('that cannot be loaded do not hide the others', async () => {
    const broken = {
      id: 'broken',
      load: () => Promise.reject(new DisconnectError('unsupported', 'it is of another contract')),
    } as unknown as AnyPlugin;
    await using other = await openTestServer({ providers: [broken, bench.plugin] });
    const answer = await (await other.as())('GET', '/v1/providers');
    expect(answer.json()).toMatchObject({
      items: [{ id: 'hpe-oneview' }],
      problems: [{ provider: 'broken', error: { code: 'unsupported' } }],
    });
  });
});

interface Receipts {
  readonly items: readonly {
    readonly operation: string;
    readonly session: Session & { readonly key: string };
  }[];
  readonly nextCursor?: string;
}

describe('receipts', () => {
  const sessionAt = (endpoint: string, id: number): Session => ({
    provider: 'wsman',
    endpoint,
    id: String(id),
    kind: 'shell',
    label: `shell ${id}`,
    state: 'live',
    ownership: 'foreign',
    effects: ['end'],
    fingerprint: String(id),
    details: {},
  });

  /** Every receipt, page by page. */
  async function readAll(ask: Ask, query: string): Promise<readonly string[]> {
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await ask('GET', `/v1/receipts?${query}${cursor}`);
      expect(answer.statusCode).toBe(200);
      const { items, nextCursor } = answer.json<Receipts>();
      seen.push(...items.map(({ session }) => session.id));
      cursor = nextCursor === undefined ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    return seen;
  }

  it('are read in pages, each once, also where thousands began in the same moment', async () => {
    const clock = manualClock();
    const ledger = new MemoryLedger({ clock });
    await using big = await openTestServer({ ledger });
    const intents = (from: number, count: number): readonly OperationIntent[] =>
      Array.from({ length: count }, (_, place) => ({
        kind: 'disconnect',
        session: sessionAt(`server${(from + place) % 3}`, from + place),
      }));
    await ledger.begin(intents(0, 10));
    await clock.advance(1);
    await ledger.begin(intents(10, 2500));
    await clock.advance(5);
    await ledger.begin(intents(2510, 7));
    const all = await readAll(await big.as(), 'limit=1000');
    expect(all).toHaveLength(2517);
    expect(new Set(all).size).toBe(2517);
    expect(all[0]).toBe('2516');
    expect(all.at(-1)).toBe('0');
    const scoped = await readAll(await big.as({ scopes: ['wsman:SERVER1'] }), 'limit=97');
    expect(scoped).toEqual(all.filter((id) => Number(id) % 3 === 1));
    expect(await readAll(await big.as({ scopes: ['entra:*'] }), 'limit=10')).toEqual([]);
  });

  it('say who did what, and go by filters', async () => {
    const ask = await server.as({ user: 'olga' });
    const { session } = await server.slipline.connect('hpe-oneview', bench.connectValues(), { user: 'olga' });
    const list = (await ask('GET', '/v1/receipts?kind=connect&user=olga')).json<Receipts>();
    expect(list.items).toMatchObject([{ kind: 'connect', user: 'olga', session: { id: session.id } }]);
    expect(list.items[0]?.session.key).toMatch(/^[\w-]+$/);
    for (const none of [
      'user=eve',
      'provider=entra',
      'kind=act',
      'endpoint=elsewhere',
      'until=2020-01-01T00:00:00Z',
    ])
      expect((await ask('GET', `/v1/receipts?${none}`)).json<Receipts>().items).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1&limit=2',
    'cursor=x',
    'cursor=',
    'kind=all',
    'since=monday',
    'order=1',
  ])('?%s is refused', async (query) => {
    const answer = await (await server.as())('GET', `/v1/receipts?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid-request' });
  });
});

describe('what watches over the service', () => {
  it('hears that it runs and can work', async () => {
    expect((await server.ask('GET', '/healthz')).json()).toEqual({ status: 'ok' });
    expect((await server.ask('GET', '/readyz')).json()).toEqual({ status: 'ok' });
  });

  it('hears that the ledger cannot be read', async () => {
    const ledger = new MemoryLedger();
    await using other = await openTestServer({ ledger });
    ledger.revision = () => Promise.reject(new Error('damaged'));
    const answer = await other.ask('GET', '/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ detail: 'the ledger cannot be read' });
  });

  it('hears that nothing can be written, and that this has passed', async () => {
    const clock = manualClock();
    await using other = await openTestServer({ clock });
    const { readiness } = other.services;
    expect(await readiness.problem()).toBeUndefined();
    await other.breakFolder();
    expect(await readiness.problem()).toBeUndefined();
    await clock.advance(2000);
    expect(await readiness.problem()).toBe('the folder of the service cannot be written');
    await mkdir(other.folder, { recursive: true });
    await chmod(other.folder, 0o700);
    await clock.advance(2000);
    expect(await readiness.problem()).toBeUndefined();
    readiness.end();
    expect(await readiness.problem()).toBe('the service is about to end');
  });

  it('is given figures, by route and not by URL', async () => {
    const ask = await server.as({ role: 'viewer' });
    await ask('GET', '/v1/me');
    await ask('GET', '/v1/sessions/nothing');
    await ask('GET', '/v1/"quoted"\\');
    const answer = await ask('GET', '/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = answer.body.split('\n');
    expect(lines).toContain('slipline_http_requests_total{method="GET",route="/v1/me",status="200"} 1');
    expect(lines).toContain(
      'slipline_http_requests_total{method="GET",route="/v1/sessions/:key",status="404"} 1',
    );
    expect(lines).toContain('slipline_http_requests_total{method="GET",route="",status="404"} 1');
    expect(lines).toContain('slipline_http_request_seconds_bucket{route="/v1/me",le="+Inf"} 1');
    for (const line of lines)
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^{}]*\})? [\d.e+-]+|)$/);
    expect((await server.ask('GET', '/metrics')).statusCode).toBe(401);
  });
});

describe('the page', () => {
  it('is served, or says that it was not built', async () => {
    const answer = await server.ask('GET', '/');
    if (answer.statusCode === 200) expect(answer.headers['content-type']).toMatch(/^text\/html/);
    else
      expect(answer.json()).toMatchObject({
        status: 503,
        detail: 'the page was not built; the API is at /v1',
      });
  });
});
