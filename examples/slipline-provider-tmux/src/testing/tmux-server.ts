import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How tmux may answer to `detach-client`, by what it does instead. A command alias of tmux's own makes it so. */
const ANSWERS = {
  truth: 'detach-client',
  // There is no buffer to rename, so that it fails.
  error: 'set-buffer -n nowhere',
  hang: 'run-shell -d 3600',
  // Draws the screen again, and detaches nobody.
  lie: 'refresh-client',
};

/** A real tmux server on a socket of its own, in a folder that goes with it. Asks tmux itself, and knows nothing of Slipline. */
export class TmuxServer implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'slipline-tmux-'));
  readonly #terminals: Terminal[] = [];
  readonly socket = join(this.#folder, 'socket');

  /** Runs a command of tmux and answers what it prints. Throws when it fails. */
  ask(...command: string[]): string {
    const env = terminalEnvironment();
    const options = { env, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('tmux', ['-u', '-f', '/dev/null', '-S', this.socket, ...command], options).trimEnd();
  }

  /** A tmux session in which a program runs that shows `text`, and waits. Starts the server with the first one. */
  startSession(name: string, text = ''): void {
    const program = 'printf %s "$TEXT"; exec cat';
    this.ask('new-session', '-d', '-s', name, '-e', `TEXT=${text}`, program);
    this.answerWith('truth');
  }

  hasSession(name: string): boolean {
    return this.ask('list-sessions', '-F', '#{session_name}').split('\n').includes(name);
  }

  /** The process of the program inside a session. */
  programOf(name: string): number {
    return Number(this.ask('display-message', '-p', '-t', `=${name}:`, '#{pane_pid}'));
  }

  /** Attaches a terminal to a session. */
  async attach(sessionName: string): Promise<Terminal> {
    const terminal = new Terminal(this, sessionName);
    this.#terminals.push(terminal);
    await terminal.attach();
    return terminal;
  }

  /** Process ids by the names of the clients that are attached. */
  clients(...filter: string[]): ReadonlyMap<string, number> {
    const lines = this.ask('list-clients', ...filter, '-F', '#{client_name} #{client_pid}').split('\n');
    return new Map(lines.filter(Boolean).map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1])]));
  }

  /** From now on this is how it answers to `detach-client`, and it counts each. Its short form `detach` stays as it is. */
  answerWith(answer: keyof typeof ANSWERS): void {
    const alias = `detach-client=set-option -sa @detaches x ; ${ANSWERS[answer]}`;
    this.ask('set-option', '-s', 'command-alias[100]', alias);
  }

  get detaches(): number {
    return this.ask('show-options', '-sqv', '@detaches').length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.ask('kill-server');
    } catch {
      // It ends by itself with its last session.
    }
    await Promise.all(this.#terminals.map((terminal) => terminal.close()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A pseudo-terminal from `script`, which can attach to a session again and again, always under the same name. */
export class Terminal {
  readonly #server: TmuxServer;
  readonly #sessionName: string;
  readonly #process: ChildProcess;
  #output = '';
  #attached = 0;

  constructor(server: TmuxServer, sessionName: string) {
    this.#server = server;
    this.#sessionName = sessionName;
    const command = 'while printf "[ready]"; read -r _; do tmux -u -S "$SOCKET" attach -t "=$SESSION"; done';
    const env = { ...terminalEnvironment(), SOCKET: server.socket, SESSION: sessionName };
    this.#process = spawn('script', ['-qfc', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    // It may be gone before it has read everything.
    this.#process.stdin?.on('error', () => undefined);
  }

  /** The client's name; attached terminals only. */
  get name(): string {
    const [name] = this.#server.clients('-t', `=${this.#sessionName}`).keys();
    if (name === undefined) throw new Error(`No client is attached to ${this.#sessionName}.`);
    return name;
  }

  /** Attaches, once a client that was attached before has left the terminal. */
  async attach(): Promise<void> {
    this.#attached += 1;
    await until(() => this.#output.split('[ready]').length > this.#attached);
    this.#process.stdin?.write('\n');
    await until(() => this.#server.clients('-t', `=${this.#sessionName}`).size > 0);
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** `$TMUX` would make tmux refuse to attach inside itself; a pipe has no `$TERM` worth passing on. */
function terminalEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh', LANG: 'C.UTF-8' };
}

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds(); await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`Not within 10 s: ${holds.toString()}`);
  }
}
