import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A terminal that is attached to a tmux server. */
export interface AttachedClient {
  /** Its terminal's path; `client-<process id>` where a program controls tmux without one. Used again after it is gone. */
  readonly name: string;
  readonly processId: number;
  readonly serverProcessId: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly activeAt: number;
  /** Empty in old versions of tmux. */
  readonly user: string;
  readonly terminal: string;
  readonly size: string;
  /** `$0`. */
  readonly sessionId: string;
  readonly sessionName: string;
  readonly isReadOnly: boolean;
  readonly isControlMode: boolean;
  /** The socket of the server. */
  readonly socketPath: string;
}

/** Why tmux did not do what it was asked. */
export type TmuxFailure = 'no-program' | 'no-server' | 'no-client' | 'refused' | 'unreadable' | 'failed';

export class TmuxError extends Error {
  readonly failure: TmuxFailure;

  constructor(failure: TmuxFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TmuxError';
    this.failure = failure;
  }
}

// Only the last field may hold a colon: tmux allows none in the names of sessions.
const FIELDS = [
  'client_name',
  'client_pid',
  'pid',
  'client_created',
  'client_activity',
  'client_user',
  'client_termname',
  'client_width',
  'client_height',
  'session_id',
  'session_name',
  'client_readonly',
  'client_control_mode',
  'socket_path',
] as const;
const FORMAT = FIELDS.map((field) => `#{${field}}`).join(':');

/** 1 MiB: some thousands of clients. */
const LONGEST_ANSWER = 1 << 20;

/** What tmux needs to find its sockets. It passes its environment on to the server, so it gets no more than that. */
const ENVIRONMENT = ['PATH', 'TMUX', 'TMUX_TMPDIR', 'LANG', 'LC_ALL', 'LC_CTYPE'];

const run = promisify(execFile);

/** The tmux of this machine; a socket is a name, an absolute path, or absent for the one that tmux chooses. Knows nothing of Slipline. */
export class Tmux {
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  /** Starts no server where there is none. */
  async clients(socket: string | undefined, signal: AbortSignal): Promise<readonly AttachedClient[]> {
    const answer = await this.#run(socket, ['list-clients', '-F', FORMAT], signal);
    return answer.split('\n').filter(Boolean).map(parseClient);
  }

  async detach(socket: string, name: string, signal: AbortSignal): Promise<void> {
    await this.#run(socket, ['detach-client', '-t', name], signal);
  }

  async #run(socket: string | undefined, command: readonly string[], signal: AbortSignal): Promise<string> {
    const where = socket === undefined ? [] : [socket.startsWith('/') ? '-S' : '-L', socket];
    const env = Object.fromEntries(ENVIRONMENT.map((name) => [name, process.env[name]]));
    try {
      // No shell: every value is one argument, whatever is in it.
      const options = {
        env,
        signal,
        maxBuffer: LONGEST_ANSWER,
        encoding: 'utf8',
        windowsHide: true,
      } as const;
      const { stdout } = await run(this.#program, ['-u', ...where, ...command], options);
      return stdout;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw failureOf(error as ExecError);
    }
  }
}

interface ExecError extends Error {
  readonly code?: string | number;
  readonly stderr?: string;
}

function failureOf(error: ExecError): TmuxError {
  if (error.code === 'ENOENT') return new TmuxError('no-program', 'tmux is not installed', error);
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new TmuxError('unreadable', 'the answer is too long', error);
  const words = (error.stderr ?? '').trim().slice(0, 500) || error.message;
  if (/^no server running|^error connecting .*\((No such file or directory|Connection refused)\)/.test(words))
    return new TmuxError('no-server', words);
  if (words.startsWith("can't find client")) return new TmuxError('no-client', words);
  if (words.includes('(Permission denied)') || words.startsWith('access not allowed'))
    return new TmuxError('refused', words);
  return new TmuxError('failed', words);
}

function parseClient(line: string): AttachedClient {
  const values = line.split(':');
  const path = values.splice(FIELDS.length - 1).join(':');
  const [name, processId, serverProcessId, createdAt, activeAt, user, terminal, width, height] = values;
  const [sessionId, sessionName, isReadOnly, isControlMode] = values.slice(9);
  if (!name || !sessionId || sessionName === undefined || path === '') throw unreadable(line);
  return {
    name,
    processId: whole(processId, line),
    serverProcessId: whole(serverProcessId, line),
    createdAt: whole(createdAt, line),
    activeAt: whole(activeAt, line),
    user: user ?? '',
    terminal: terminal ?? '',
    size: `${width}x${height}`,
    sessionId,
    sessionName,
    isReadOnly: isReadOnly === '1',
    isControlMode: isControlMode === '1',
    socketPath: path,
  };
}

function whole(text: string | undefined, line: string): number {
  if (text === undefined || !/^\d{1,12}$/.test(text)) throw unreadable(line);
  return Number(text);
}

function unreadable(line: string): TmuxError {
  return new TmuxError('unreadable', `not a line of list-clients: ${JSON.stringify(line.slice(0, 100))}`);
}
