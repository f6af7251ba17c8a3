import type { Command } from '../command.ts';
import { COMPLETION_SCRIPTS } from '../completion/completion-scripts.ts';
import { usage } from '../arguments/usage.ts';

const SHELLS = Object.keys(COMPLETION_SCRIPTS);

/** Prints what makes a shell complete command lines of this program. */
export const completion: Command = {
  name: 'completion',
  summary: 'print what makes a shell complete command lines',
  usage: SHELLS.join(' | '),
  words: SHELLS,
  flags: {},
  examples: ['source <(slipline completion bash)', 'slipline completion zsh > _slipline'],
  async run({ positionals: [shell = '', ...more] }, { output }) {
    const script =
      more.length === 0 ? Object.entries(COMPLETION_SCRIPTS).find(([name]) => name === shell) : undefined;
    if (script === undefined)
      throw usage('completion needs to know the shell', `slipline completion ${completion.usage}`);
    await output.raw(script[1]);
    return 0;
  },
};
