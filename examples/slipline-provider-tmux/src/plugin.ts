import { defineProvider, parseParameters } from '@slipline/core';
import { TmuxProvider } from './tmux-provider.ts';
import { Tmux } from './tmux.ts';

export interface TmuxOptions {
  /** The tmux to run; `tmux` of the path when absent. */
  readonly program?: string | undefined;
}

const OPTIONS = {
  program: { type: 'string', summary: 'the tmux to run' },
} as const;

const FIND = {
  client: {
    type: 'string',
    summary: 'terminals that are attached, as tmux names them',
    placeholder: 'TERMINAL',
    many: true,
    names: true,
    position: 0,
    pattern: '[\\w.:/-]{1,255}',
  },
  socket: {
    type: 'string',
    summary:
      'tmux servers: the name or the absolute path of a socket; the one that tmux itself would take when absent',
    placeholder: 'SOCKET',
    many: true,
    endpoint: true,
    // A name is a file below tmux's own folder, so it holds no slash; sun_path is 108 bytes long.
    pattern: '[\\w.-]{1,100}|/[^\\p{Cc}]{1,106}',
  },
  tmuxSession: {
    type: 'string',
    summary: 'only terminals that show this tmux session',
    placeholder: 'NAME',
    pattern: '[^\\p{Cc}:]{1,255}',
  },
} as const;

/** The clients of tmux servers on this machine. To detach one leaves its programs running.
 *  Throws `invalid-request` for options that make no sense. */
export function tmux(options: TmuxOptions = {}) {
  // They may come from config.json, so they are checked like everything from outside.
  const { program = 'tmux' } = parseParameters(OPTIONS, { ...options });
  return defineProvider({
    contract: 1,
    id: 'tmux',
    title: 'tmux',
    impact: 'low',
    find: FIND,
    create: () => new TmuxProvider(new Tmux(program), process.env['TMUX']),
  });
}
