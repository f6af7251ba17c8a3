import {
  MemoryLedger,
  Slipline,
  type ApplyOptions,
  type DisconnectError,
  type Effect,
  type Outcome,
  type Report,
  type Session,
} from '@slipline/core';
import { recordingLogger, type RecordingLogger } from '@slipline/testkit';
import { openBench, type TerminalSessionsBench, type TerminalSessionsBenchOptions } from './bench.ts';
import type { Desktop, Desktops, NewDesktop } from './desktops.ts';
import type { FakeWindowsHost } from './fake-windows-host.ts';

type Values = Readonly<Record<string, unknown>>;

/** A fake host, and a user's `Slipline` that can reach it as its administrator. */
export class World implements AsyncDisposable {
  readonly bench: TerminalSessionsBench;
  readonly ledger = new MemoryLedger();
  readonly log: RecordingLogger = recordingLogger();
  readonly slipline: Slipline;

  private constructor(bench: TerminalSessionsBench) {
    this.bench = bench;
    this.slipline = this.process();
  }

  static async open(options: TerminalSessionsBenchOptions = {}): Promise<World> {
    return new World(await openBench({ desktops: [], ...options }));
  }

  /** A `Slipline` over the same ledger with connections of its own, as another process has them. */
  process(): Slipline {
    return new Slipline({
      providers: [this.bench.plugin],
      ledger: this.ledger,
      log: this.log,
      network: this.bench.network,
    });
  }

  get host(): FakeWindowsHost {
    return this.bench.host;
  }

  get desktops(): Desktops {
    return this.host.desktops;
  }

  /** The administrator's credential, as an app hands it on. */
  get credential(): Pick<ReturnType<TerminalSessionsBench['connectValues']>, 'userName' | 'password'> {
    const { userName, password } = this.bench.connectValues();
    return { userName, password };
  }

  logOn(desktop: Partial<NewDesktop> = {}): Desktop {
    return this.desktops.logOn({ userName: 'jdoe', ...desktop });
  }

  async connect(values: Values = {}): Promise<Session> {
    const all = { ...this.bench.connectValues(), ...values };
    return (await this.slipline.connect('terminal-sessions', all)).session;
  }

  /** What is listed, as the administrator unless `selector` says who asks. */
  list(selector: Values = {}, slipline = this.slipline) {
    const all = { computerName: ['SERVER01'], ...this.credential, ...selector };
    return slipline.sessions({ provider: 'terminal-sessions', selector: all });
  }

  async session(desktop: Desktop): Promise<Session> {
    const { sessions, problems } = await this.list({ sessionId: [desktop.id] });
    const [session] = sessions;
    if (session === undefined) throw problems[0]?.error ?? new Error('The desktop is not listed.');
    return session;
  }

  async disconnect(selector: Values, effect?: Effect, options: ApplyOptions = {}): Promise<Report> {
    const all = { ...this.credential, ...selector };
    const plan = await this.slipline.plan({ provider: 'terminal-sessions', selector: all, effect });
    return this.slipline.apply(plan, { ...this.credential, ...options });
  }

  /** What became of one session. */
  async end(session: Session, effect?: Effect, options: ApplyOptions = {}): Promise<Outcome> {
    const plan = await this.slipline.plan({ sessions: [session], effect }, this.credential);
    const { outcomes } = await this.slipline.apply(plan, { ...this.credential, ...options });
    const [outcome] = outcomes;
    if (outcome === undefined) throw plan.problems[0]?.error ?? new Error('There is no outcome.');
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.bench.heal();
    await this.slipline[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }
}

/** The error that `work` ends with. */
export async function errorOf(work: Promise<unknown>): Promise<DisconnectError> {
  try {
    await work;
  } catch (error) {
    return error as DisconnectError;
  }
  throw new Error('There was no error.');
}
