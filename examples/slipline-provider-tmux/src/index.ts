export { tmux, tmux as default, type TmuxOptions } from './plugin.ts';
