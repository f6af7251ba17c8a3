import type { Command, Context } from '../command.ts';
import { COMMANDS } from '../commands.ts';
import type { ReadSecret } from '../arguments/values.ts';
import type { Parsed } from '../arguments/arguments.ts';
import { exitCodeOf } from '../exit-codes.ts';
import type { Messages } from '../output/messages.ts';
import { readCmdletLine, type CmdletLine } from './cmdlet-line.ts';
import type { FoundCmdlet } from './find-cmdlet.ts';
import { runCmdlet } from './run-cmdlet.ts';

/** The Slipline command that does the same as a cmdlet, and lends it its flags. */
const COUNTERPART = { connect: 'connect', list: 'ls', disconnect: 'disconnect', act: 'disconnect' } as const;

export function counterpartOf({ cmdlet }: FoundCmdlet): Promise<Command> {
  return COMMANDS[COUNTERPART[cmdlet.verb]]!();
}

/** A cmdlet's command line as the program runs every other: its words are those behind the name. */
export async function parseCmdlet(
  found: FoundCmdlet,
  words: readonly string[],
  readSecret: ReadSecret,
): Promise<Parsed> {
  const { name } = found.cmdlet;
  if (words.some((word) => /^(?:-\?|--help|-h)$/i.test(word))) return { kind: 'help', topic: [name] };
  const command = await counterpartOf(found);
  const line = await readCmdletLine(found, command, words, readSecret);
  const run = async (_invocation: unknown, context: Context): Promise<number> => {
    if (line.meaningless.length > 0) context.messages.warn(unused(line.meaningless));
    try {
      return await runCmdlet(line, withMessages(context, asWanted(context.messages, line)));
    } catch (error) {
      if (isSilent(line.preferences.error)) return exitCodeOf(error);
      throw error;
    }
  };
  return {
    kind: 'run',
    command: { ...command, name, run },
    globals: line.globals,
    hidesWarnings: isSilent(line.preferences.warning),
    invocation: { positionals: [], rest: [], flags: {}, values: {} },
  };
}

/** Its getters stay what they are: asking them makes streams and opens the terminal. */
function withMessages(context: Context, messages: Messages): Context {
  return Object.create(context, { messages: { value: messages } }) as Context;
}

function unused(names: readonly string[]): string {
  return `${names.map((name) => `-${name}`).join(', ')}: a process has no variables or buffers of PowerShell; left out`;
}

/** Messages as the preferences have them: PowerShell's own hide information unless asked for it. */
function asWanted(messages: Messages, { preferences, globals }: CmdletLine): Messages {
  const { error, information, progress } = preferences;
  const isInformed = information === undefined ? globals.verbose === true : !isSilent(information);
  return {
    note: (text) => (isInformed ? messages.note(text) : undefined),
    doing: (text) => (isSilent(progress) ? undefined : messages.doing(text)),
    warn: (text) => messages.warn(text),
    clear: () => messages.clear(),
    problems: (errors) => (isSilent(error) ? undefined : messages.problems(errors)),
  };
}

function isSilent(action: string | undefined): boolean {
  return action === 'SilentlyContinue' || action === 'Ignore';
}
