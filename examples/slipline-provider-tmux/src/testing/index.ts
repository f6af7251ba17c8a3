import { randomUUID } from 'node:crypto';
import type { Session, Slipline } from '@slipline/core';
import type { Bench, BenchSession, Observed } from '@slipline/testkit';
import { tmux } from '../plugin.ts';
import { TmuxServer, type Terminal } from './tmux-server.ts';

export { TmuxServer, type Terminal } from './tmux-server.ts';

/** The provider, and a real tmux server to check it against. Needs `tmux` and `script` on the path. */
export async function openBench(): Promise<Bench> {
  return new TmuxBench();
}

class TmuxBench implements Bench {
  readonly plugin = tmux();
  readonly network = {};
  readonly #server = new TmuxServer();
  readonly #terminals = new Map<string, Terminal>();
  // What people have on their screens is none of a provider's business.
  readonly #onScreen = `on-screen-${randomUUID()}`;

  constructor() {
    this.#server.startSession('home');
  }

  get facts(): Bench['facts'] {
    return { endpoint: this.#server.socket, users: [], environment: {} };
  }

  async open(slipline: Slipline): Promise<BenchSession> {
    const name = `work-${this.#terminals.size + 1}`;
    this.#server.startSession(name, this.#onScreen);
    const terminal = await this.#server.attach(name);
    this.#terminals.set(name, terminal);
    const selector = { client: [terminal.name], socket: [this.#server.socket] };
    const { sessions, problems } = await slipline.sessions({ provider: 'tmux', selector });
    const [session] = sessions;
    if (session === undefined) throw problems[0]?.error ?? new Error('The new client is not listed.');
    return { session, selector };
  }

  async observe(session: Session): Promise<Observed> {
    if (this.#server.clients().get(session.id) === session.details['processId']) return 'live';
    return this.#server.hasSession(sessionNameOf(session)) ? 'detached' : 'gone';
  }

  expected(): Observed {
    return 'detached';
  }

  async endOnServer(session: Session): Promise<void> {
    this.#server.ask('detach', '-t', session.id);
  }

  /** Another client takes the terminal, and so the id. */
  async replace(_slipline: Slipline, session: Session): Promise<void> {
    await this.endOnServer(session);
    await this.#terminals.get(sessionNameOf(session))?.attach();
  }

  writes(): number {
    return this.#server.detaches;
  }

  fail(how: 'error' | 'hang' | 'lie'): void {
    this.#server.answerWith(how);
  }

  heal(): void {
    this.#server.answerWith('truth');
  }

  canaries(): readonly string[] {
    return [this.#onScreen];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}

function sessionNameOf(session: Session): string {
  return String(session.details['tmuxSession']);
}
