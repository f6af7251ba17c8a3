import { openBench, type OneViewBench, type OneViewBenchOptions } from '@slipline/hpe-oneview/testing';
import type { Session } from '@slipline/core';
import { createAuthority, type Authority } from '@slipline/testkit';
import { openTestServer, type Ask, type TestServer, type TestServerOptions } from '../server.test.support.ts';

let shared: Promise<Authority> | undefined;

/** One authority for all tests of a file: making keys takes time. */
function authority(): Promise<Authority> {
  return (shared ??= createAuthority());
}

/** A service over a fake appliance. */
export interface World extends AsyncDisposable {
  readonly bench: OneViewBench;
  readonly server: TestServer;
  /** Opens sessions and answers their keys, oldest first. */
  open(count: number): Promise<readonly string[]>;
}

export async function openWorld(
  options: TestServerOptions & { readonly appliance?: OneViewBenchOptions['appliance'] } = {},
): Promise<World> {
  const bench = await openBench({ authority: await authority(), appliance: options.appliance });
  const server = await openTestServer({ ...options, bench });
  return {
    bench,
    server,
    open: async (count) => {
      for (let opened = 0; opened < count; opened += 1) await bench.open(server.slipline);
      await server.services.refresh();
      return keysIn(await (await server.as())('GET', '/v1/sessions?limit=1000&sort=openedAt'));
    },
    [Symbol.asyncDispose]: async () => {
      bench.heal();
      await server[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    },
  };
}

export interface Page {
  readonly items: readonly (Session & { readonly key: string })[];
  readonly nextCursor?: string;
  readonly total: number;
  readonly problems: readonly { readonly error: { readonly code: string } }[];
}

export function keysIn(answer: { json<T>(): T }): readonly string[] {
  return answer.json<Page>().items.map(({ key }) => key);
}

/** Plans these sessions and applies the plan; answers the id of the job. */
export async function disconnect(ask: Ask, sessions: readonly string[], more: object = {}): Promise<string> {
  const plan = await ask('POST', '/v1/plans', { sessions });
  const made = await ask('POST', '/v1/disconnections', {
    plan: plan.json<{ readonly id: string }>().id,
    confirm: true,
    ...more,
  });
  if (made.statusCode !== 202) throw new Error(made.body);
  return made.json<{ readonly id: string }>().id;
}

export interface TestJob {
  readonly id: string;
  readonly state: string;
  readonly user: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly outcomes: readonly {
    readonly key: string;
    readonly status: string;
    readonly error?: { code: string };
  }[];
}

/** A job once it is over: its stream of events ends with it. */
export async function ended(ask: Ask, id: string): Promise<TestJob> {
  await ask('GET', `/v1/disconnections/${id}/events`);
  return (await ask('GET', `/v1/disconnections/${id}`)).json<TestJob>();
}

export interface TestEvent {
  readonly id?: number;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Events as `text/event-stream` has them. */
export function eventsIn(text: string): readonly TestEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const fields = new Map(
        frame.split('\n').map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) as [string, string]),
      );
      const id = fields.get('id');
      return {
        ...(id !== undefined && { id: Number(id) }),
        event: fields.get('event') ?? '',
        data: JSON.parse(fields.get('data') ?? 'null') as TestEvent['data'],
      };
    });
}

/** Resolves when it is so; the test's own time limit is the end of waiting. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
