import { MemoryLedger, Slipline, type Outcome, type Session } from '@slipline/core';
import { openBench, type SmbSessionsBench, type SmbSessionsBenchOptions } from './bench.ts';
import type { FakeFileServer } from './fake-file-server.ts';
import type { FileSessions } from './file-sessions.ts';

type Values = Readonly<Record<string, unknown>>;

/** A fake file server that nobody uses yet, and a user's `Slipline` that can reach it as its administrator. */
export class World implements AsyncDisposable {
  readonly bench: SmbSessionsBench;
  readonly slipline: Slipline;

  private constructor(bench: SmbSessionsBench) {
    this.bench = bench;
    const { plugin, network } = bench;
    this.slipline = new Slipline({ providers: [plugin], ledger: new MemoryLedger(), network });
  }

  static async open(options: SmbSessionsBenchOptions = {}): Promise<World> {
    return new World(await openBench({ sessions: [], ...options }));
  }

  get server(): FakeFileServer {
    return this.bench.server;
  }

  get sessions(): FileSessions {
    return this.server.sessions;
  }

  get credential() {
    const { userName, password } = this.bench.connectValues();
    return { userName, password };
  }

  /** What is listed, as the administrator unless `selector` says who asks. */
  list(selector: Values = {}) {
    const all = { computerName: ['FILES01'], ...this.credential, ...selector };
    return this.slipline.sessions({ provider: 'smb-sessions', selector: all });
  }

  async only(selector: Values = {}): Promise<Session> {
    const { sessions, problems } = await this.list(selector);
    const [session] = sessions;
    if (session === undefined || sessions.length > 1)
      throw problems[0]?.error ?? new Error(`There are ${sessions.length} sessions.`);
    return session;
  }

  /** What became of one session. */
  async end(session: Session): Promise<Outcome> {
    const plan = await this.slipline.plan({ sessions: [session] }, this.credential);
    const { outcomes } = await this.slipline.apply(plan, this.credential);
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
