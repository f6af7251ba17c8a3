import type { Clock, Logger, Slipline } from '@slipline/core';
import { EventHub } from './events/event-hub.ts';
import { IdempotencyStore } from './idempotency/idempotency-store.ts';
import { Jobs } from './jobs/jobs.ts';
import { Plans } from './plans/plans.ts';
import { LedgerReader } from './roster/ledger-reader.ts';
import { Roster, type RosterChange } from './roster/roster.ts';
import type { Target } from './security/who.ts';
import { takeFolder } from './sole-owner.ts';
import { Watches } from './watches/watches.ts';

/** What is done for people: sessions listed and watched, plans made and applied, and all of it told. */
export interface Work {
  readonly roster: Roster;
  readonly watches: Watches;
  readonly plans: Plans;
  readonly jobs: Jobs;
  readonly events: EventHub;
  readonly idempotency: IdempotencyStore;
  /** Reads what is new in the ledger at once, such as after own work. */
  refresh(): Promise<void>;
  /** Reads the ledger, keeps reading it, and goes on with jobs that an earlier process left. Rejects where it cannot be read. */
  start(): Promise<void>;
  /** Parks what jobs there are and ends every stream and watch: nothing is begun any more. Idempotent. */
  stop(): Promise<void>;
}

export interface WorkOptions {
  readonly slipline: Slipline;
  readonly clock: Clock;
  readonly log: Logger;
  /** The service's own folder. */
  readonly folder: string;
}

/** Opens the files there are; nothing is asked or begun before `start`. */
export async function openWork(options: WorkOptions): Promise<Work> {
  const giveFree = await takeFolder(options.folder);
  try {
    return await openIn(options, giveFree);
  } catch (error) {
    await giveFree();
    throw error;
  }
}

async function openIn(
  { slipline, clock, log, folder }: WorkOptions,
  giveFree: () => Promise<void>,
): Promise<Work> {
  const events = new EventHub({ clock });
  const roster = new Roster((changes) => publish(events, changes));
  const reader = new LedgerReader({ slipline, roster, clock, log });
  const watches = new Watches({ slipline, roster, clock });
  const plans = new Plans({ slipline, roster, watches, clock });
  const jobs = await Jobs.open(folder, {
    slipline,
    clock,
    log,
    events,
    credentials: (provider, endpoint) => watches.credential(provider, endpoint),
    onTouched: (targets: readonly Target[]) => {
      void watches.refresh(targets);
      return reader.refresh();
    },
  });
  const idempotency = await IdempotencyStore.open(folder, clock);
  const stop = async (): Promise<void> => {
    await jobs.park();
    reader.stop();
    events.end();
    await watches[Symbol.asyncDispose]();
    await giveFree();
  };
  let stopping: Promise<void> | undefined;
  return {
    roster,
    watches,
    plans,
    jobs,
    events,
    idempotency,
    refresh: () => reader.refresh(),
    start: async () => {
      await reader.start();
      jobs.start();
    },
    stop: () => (stopping ??= stop()),
  };
}

function publish(events: EventHub, changes: readonly RosterChange[]): void {
  for (const { row, isGone } of changes) {
    const { session } = row;
    const json = `{"key":"${row.key}","session":${isGone ? 'null' : row.json}}`;
    events.publish('session', json, (who) => who.sees(session));
  }
}
