import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Bench, LabUser } from '@slipline/testkit';
import type { Environment } from '@slipline/config';
import type { Lab } from './lab.ts';
import { ENTRY } from '../own-program.ts';

/** Where the tour plays: runs this very program in the lab, and asks the fake appliance. */
export class TourStage {
  readonly #lab: Lab;
  readonly #bench: Bench;
  readonly #environment: Environment;
  readonly #signal: AbortSignal;
  #before: Requests;

  constructor(lab: Lab, signal: AbortSignal) {
    const bench = lab.benches.get('hpe-oneview');
    if (bench === undefined) throw new Error('The tour needs the fake appliance of hpe-oneview.');
    const { users } = bench.facts;
    this.#lab = lab;
    this.#bench = bench;
    this.#before = requestsOf(bench);
    this.#signal = signal;
    this.#environment = {
      ...lab.environment,
      ADMIN_PASSWORD: passwordOf(users, 'Administrator'),
      AUDITOR_PASSWORD: passwordOf(users, 'auditor'),
    };
  }

  /** Runs a command for people to see. Throws when it does not end with 0. */
  async show(line: readonly string[]): Promise<void> {
    await this.#run(line, 'inherit');
  }

  /** What a command answers in JSON, unseen. */
  async ask(...line: readonly string[]): Promise<readonly Fields[]> {
    return JSON.parse(await this.#run([...line, '--output', 'json'], 'pipe')) as readonly Fields[];
  }

  /** How many sessions the appliance itself has. */
  sessionCount(): number {
    return this.#bench.sessionCount?.() ?? Number.NaN;
  }

  /** A step begins. */
  begin(): void {
    this.#before = requestsOf(this.#bench);
  }

  /** The requests that the appliance has had in this step. */
  requests(): Requests {
    const now = requestsOf(this.#bench);
    return { all: now.all - this.#before.all, writes: now.writes - this.#before.writes };
  }

  async #run(line: readonly string[], stdio: 'inherit' | 'pipe'): Promise<string> {
    const child = spawn(process.execPath, [ENTRY, ...line], {
      cwd: this.#lab.home,
      env: this.#environment,
      stdio: ['ignore', stdio, stdio],
      signal: this.#signal,
    });
    const [said, complaints] = [child.stdout, child.stderr].map(textOf);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0)
      throw new Error(`"slipline ${line.join(' ')}" ended with ${code}. ${await complaints}`.trim());
    return said ?? '';
  }
}

/** Of any kind, and those that could change something. */
interface Requests {
  readonly all: number;
  readonly writes: number;
}

function requestsOf(bench: Bench): Requests {
  return { all: bench.requests?.() ?? Number.NaN, writes: bench.writes() };
}

/** An object of a JSON answer. */
export type Fields = Readonly<Record<string, unknown>>;

async function textOf(stream: Readable | null): Promise<string> {
  return ((await stream?.setEncoding('utf8').toArray()) ?? []).join('');
}

function passwordOf(users: readonly LabUser[], name: string): string {
  const user = users.find(({ userName }) => userName === name);
  if (user === undefined) throw new Error(`The fake appliance has no user ${name}.`);
  return user.password;
}
