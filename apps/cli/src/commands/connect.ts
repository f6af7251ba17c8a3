import { parsePin, plainText, type AnyPlugin, type ParameterTable } from '@slipline/core';
import type { Command } from '../command.ts';
import { DURATION, parseDuration } from '../arguments/duration.ts';
import { asJson } from '../output/formatted-output.ts';
import { sessionName } from '../output/outcomes.ts';
import { usage } from '../arguments/usage.ts';

const FLAGS = {
  default: { type: 'boolean', summary: 'let this session stand for the provider when none is named' },
  saveCredential: {
    type: 'boolean',
    summary: 'keep user name and password, sealed, for this system only; disconnect erases them',
  },
  pin: {
    type: 'string',
    summary: 'trust the certificate with this SHA-256, and no other, for this system from now on',
    placeholder: 'SHA256',
  },
  reason: { type: 'string', summary: 'why, for the history', placeholder: 'TEXT' },
  timeout: { type: 'string', pattern: DURATION, summary: 'give up after this time', placeholder: 'TIME' },
} as const satisfies ParameterTable;

/** Opens a session, which stays open and listed until it is disconnected. */
export const connect: Command<typeof FLAGS> = {
  name: 'connect',
  summary: 'open a session on a system, and write it down',
  usage: '<provider> [NAME]',
  flags: FLAGS,
  provider: 'connect',
  examples: [
    'slipline connect hpe-oneview ov1.example --user-name Administrator',
    'slipline connect hpe-oneview ov1.example --user-name Administrator --password-file FILE --reason CHG-1234',
    'slipline connect hpe-oneview ov1.example --session-id-stdin',
  ],
  async run({ provider, values, flags }, { slipline, settings, messages, output, signal }) {
    if (provider === undefined) throw usage('connect needs to know the kind of system', 'slipline providers');
    const { pin, timeout } = flags;
    const trust = pin === undefined ? undefined : { pin: parsePin(pin) };
    const program = await slipline();
    messages.doing(`connecting to ${systemOf(await program.plugin(provider), values)}`);
    const { session } = await program.connect(provider, values, {
      signal,
      timeout: timeout === undefined ? settings.timeout : parseDuration(timeout, '--timeout'),
      saveCredential: flags.saveCredential,
      makeDefault: flags.default,
      reason: flags.reason,
      trust,
    });
    const extra = session.isDefault === true ? ', the default' : '';
    const done = session.ownership === 'adopted' ? 'adopted' : 'connected';
    await output.one(asJson(session), `${done}: ${sessionName(session)}${extra}`);
    return 0;
  },
};

function systemOf({ id, connect: table = {} }: AnyPlugin, values: Readonly<Record<string, unknown>>): string {
  const name = Object.keys(table).find((key) => table[key]?.endpoint === true);
  const value = name === undefined ? undefined : values[name];
  return typeof value === 'string' ? plainText(value, 100) : id;
}
