import type { Command } from '../command.ts';
import { connectedSentence, CONNECTING_FLAGS, openSession } from '../connecting.ts';
import { asJson } from '../output/formatted-output.ts';

/** Opens a session, which stays open and listed until it is disconnected. */
export const connect: Command<typeof CONNECTING_FLAGS> = {
  name: 'connect',
  summary: 'open a session on a system, and write it down',
  usage: '<provider> [NAME]',
  flags: CONNECTING_FLAGS,
  provider: 'connect',
  examples: [
    'slipline connect hpe-oneview ov1.example --user-name Administrator',
    'slipline connect hpe-oneview ov1.example --user-name Administrator --password-file FILE --reason CHG-1234',
    'slipline connect hpe-oneview ov1.example --session-id-stdin',
  ],
  async run(invocation, context) {
    // A session that is to end with a process ends with the shell, or the script, that this command was typed in.
    const connection = await openSession(invocation, context, { owner: process.ppid });
    await context.output.one(asJson(connection.session), connectedSentence(connection));
    return 0;
  },
};
