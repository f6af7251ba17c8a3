export {
  terminalSessions,
  terminalSessions as default,
  type Caller,
  type TerminalSessionsOptions,
} from './plugin.ts';
