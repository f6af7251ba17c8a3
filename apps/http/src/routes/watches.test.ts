import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBench, type TerminalSessionsBench } from '@slipline/terminal-sessions/testing';
import { openTestServer, type Ask, type TestServer } from '../server.test.support.ts';
import { disconnect, ended, keysIn, until, type Page } from './work.test.support.ts';

interface Watch {
  readonly id: string;
  readonly count: number;
  readonly askedAt?: string;
  readonly problems: readonly { readonly endpoint?: string; readonly error: { readonly code: string } }[];
}

let bench: TerminalSessionsBench;
let server: TestServer;
let olga: Ask;

beforeEach(async () => {
  bench = await openBench();
  server = await openTestServer({ bench });
  olga = await server.as();
});

afterEach(async () => {
  bench.heal();
  await server[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

describe('a watch', () => {
  it('lists other people’s sessions, and its credential ends them', async () => {
    const made = await olga('POST', '/v1/watches', request());
    expect(made.statusCode).toBe(201);
    const { id } = made.json<Watch>();
    expect(made.headers.location).toBe(`/v1/watches/${id}`);
    const { items } = await listed(3);
    expect(items.map(({ ownership }) => ownership)).toEqual(['foreign', 'foreign', 'foreign']);
    expect((await olga('GET', `/v1/watches/${id}`)).json()).toMatchObject({
      provider: 'terminal-sessions',
      endpoints: ['SERVER01'],
      user: 'olga',
      every: 3600,
      count: 3,
      problems: [],
    });
    const keys = keysIn(await olga('GET', '/v1/sessions?q=asmith'));
    const job = await ended(olga, await disconnect(olga, keys));
    expect(job.outcomes).toMatchObject([{ status: 'disconnected' }]);
    expect(bench.sessionCount?.()).toBe(3);
    const log = bench.host.desktops.ofPeople().map(({ state }) => state);
    expect(log.filter((state) => state === 'Disconnected')).toHaveLength(2);
    // Asked again after the job, not after an hour.
    await until(async () => (await olga('GET', `/v1/sessions?state=detached`)).json<Page>().total === 2);
  });

  it('is gone after a restart, and a job says what that means for the rest of it', async () => {
    await olga('POST', '/v1/watches', request());
    await listed(3);
    const keys = keysIn(await olga('GET', '/v1/sessions?state=live'));
    const id = await disconnect(olga, keys);
    await ended(olga, id);
    await server.services.stop();
    const file = join(server.folder, 'jobs', `${id}.jsonl`);
    const lines = (await readFile(file, 'utf8')).split('\n');
    // As if the service had been killed before anything had an outcome.
    await writeFile(file, lines.filter((line) => !/session-end|job-end/.test(line)).join('\n'));
    for (const session of bench.host.desktops.ofPeople()) session.state = 'Active';
    await using again = await openTestServer({ bench, folder: server.folder });
    const job = await ended(await again.as(), id);
    expect(job.outcomes.map(({ error }) => error?.code)).toEqual(keys.map(() => 'unauthenticated'));
    expect(job).toMatchObject({ problems: [{ code: 'unauthenticated' }] });
  });

  it('never gives its secret back', async () => {
    const made = await olga('POST', '/v1/watches', request());
    await listed(3);
    const { id } = made.json<Watch>();
    const texts = [
      made.body,
      (await olga('GET', '/v1/watches')).body,
      (await olga('GET', `/v1/watches/${id}`)).body,
    ];
    texts.push((await olga('GET', '/v1/sessions')).body, JSON.stringify(server.log.records));
    for (const text of texts) for (const secret of bench.canaries()) expect(text).not.toContain(secret);
  });

  it('that is deleted takes what it found along', async () => {
    const { id } = (await olga('POST', '/v1/watches', request())).json<Watch>();
    await listed(3);
    expect((await olga('DELETE', `/v1/watches/${id}`)).statusCode).toBe(204);
    await listed(0);
    expect((await olga('GET', `/v1/watches/${id}`)).statusCode).toBe(404);
  });

  it('whose system cannot be asked any more keeps what it found, and says so', async () => {
    const { id } = (await olga('POST', '/v1/watches', request())).json<Watch>();
    await listed(3);
    await bench.host[Symbol.asyncDispose]();
    const { askedAt } = (await olga('GET', `/v1/watches/${id}`)).json<Watch>();
    expect((await olga('POST', `/v1/watches/${id}/refresh`)).statusCode).toBe(202);
    await until(async () => (await olga('GET', `/v1/watches/${id}`)).json<Watch>().askedAt !== askedAt);
    const shown = (await olga('GET', '/v1/sessions')).json<Page>();
    expect(shown.items.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(shown.problems).toMatchObject([
      { provider: 'terminal-sessions', endpoint: 'SERVER01', watch: id, error: { code: 'unreachable' } },
    ]);
  });

  it('is refused for values that make no sense, and for what is out of scope', async () => {
    for (const values of [{ computerName: ['SERVER01'], colour: 'red' }, { sessionId: [1] }])
      expect((await olga('POST', '/v1/watches', { provider: 'terminal-sessions', values })).statusCode).toBe(
        400,
      );
    expect((await olga('POST', '/v1/watches', { provider: 'nobody', values: {} })).statusCode).toBe(404);
    expect((await olga('POST', '/v1/watches', { ...request(), every: 1 })).statusCode).toBe(400);
    const otto = await server.as({ user: 'otto', scopes: ['terminal-sessions:other*'] });
    const refused = await otto('POST', '/v1/watches', request());
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({ code: 'forbidden' });
    const nowhere = await otto('POST', '/v1/watches', { provider: 'terminal-sessions', values: {} });
    expect(nowhere.statusCode).toBe(403);
    const auditor = await server.as({ user: 'anna', role: 'auditor' });
    expect((await auditor('GET', '/v1/audit?limit=2')).json()).toMatchObject({
      items: [
        { user: 'otto', what: 'watch refused' },
        { user: 'otto', what: 'watch refused', provider: 'terminal-sessions', endpoint: 'SERVER01' },
      ],
    });
  });

  it('is seen by those only who see all of it, and made by operators only', async () => {
    const { id } = (await olga('POST', '/v1/watches', request())).json<Watch>();
    const otto = await server.as({ user: 'otto', scopes: ['wsman:*'] });
    expect((await otto('GET', '/v1/watches')).json()).toEqual({ items: [] });
    for (const [method, url] of [
      ['GET', `/v1/watches/${id}`],
      ['DELETE', `/v1/watches/${id}`],
      ['POST', `/v1/watches/${id}/refresh`],
    ] as const)
      expect((await otto(method, url)).statusCode).toBe(404);
    const viewer = await server.as({ user: 'vera', role: 'viewer' });
    expect((await viewer('POST', '/v1/watches', request())).statusCode).toBe(403);
    expect(
      (await viewer('GET', '/v1/watches')).json<{ readonly items: readonly object[] }>().items,
    ).toHaveLength(1);
  });
});

/** Asks at once, and then not within the time of a test. */
function request(): { readonly provider: string; readonly values: object; readonly every: number } {
  const { computerName, userName, password } = bench.connectValues();
  return {
    provider: 'terminal-sessions',
    values: { computerName: [computerName], userName, password: password.reveal() },
    every: 3600,
  };
}

async function listed(count: number): Promise<Page> {
  await until(async () => (await olga('GET', '/v1/sessions')).json<Page>().total === count);
  return (await olga('GET', '/v1/sessions')).json<Page>();
}
