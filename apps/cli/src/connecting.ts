import {
  parsePin,
  plainText,
  type AnyPlugin,
  type ConnectOptions,
  type OpenSession,
  type ParameterTable,
} from '@slipline/core';
import { DURATION, parseDuration } from '@slipline/config';
import { usage } from './arguments/usage.ts';
import type { Context, Invocation } from './command.ts';
import { sessionName } from './output/outcomes.ts';

/** What every way of opening a session takes. */
export const CONNECTING_FLAGS = {
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

/** Opens the session that a command line describes. */
export async function openSession(
  { provider, values, flags }: Pick<Invocation<typeof CONNECTING_FLAGS>, 'provider' | 'values' | 'flags'>,
  { slipline, settings, messages, signal }: Context,
  whose: Pick<ConnectOptions, 'scope' | 'owner'>,
): Promise<OpenSession> {
  if (provider === undefined) throw usage('connect needs to know the kind of system', 'slipline providers');
  const { pin, timeout } = flags;
  const program = await slipline();
  messages.doing(`connecting to ${systemOf(await program.plugin(provider), values)}`);
  return program.connect(provider, values, {
    ...whose,
    signal,
    timeout: timeout === undefined ? settings.timeout : parseDuration(timeout, '--timeout'),
    saveCredential: flags.saveCredential,
    makeDefault: flags.default,
    reason: flags.reason,
    trust: pin === undefined ? undefined : { pin: parsePin(pin) },
  });
}

/** `connected: Administrator on ov1.example (hpe-oneview:1), the default`. */
export function connectedSentence({ session }: OpenSession): string {
  const extra = session.isDefault === true ? ', the default' : '';
  return `${session.ownership === 'adopted' ? 'adopted' : 'connected'}: ${sessionName(session)}${extra}`;
}

function systemOf({ id, connect: table = {} }: AnyPlugin, values: Readonly<Record<string, unknown>>): string {
  const name = Object.keys(table).find((key) => table[key]?.endpoint === true);
  const value = name === undefined ? undefined : values[name];
  return typeof value === 'string' ? plainText(value, 100) : id;
}
