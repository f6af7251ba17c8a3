import { DisconnectError, Secret, type Access, type JsonObject, type ParameterTable } from '@slipline/core';
import { chosenSession } from '../choosing.ts';
import type { Command, Context } from '../command.ts';
import { DURATION, parseDuration } from '@slipline/config';
import { jsonText } from '../output/json-text.ts';
import { usage } from '../arguments/usage.ts';

const FLAGS = {
  format: {
    type: 'string',
    choices: ['env', 'json', 'header'],
    summary: 'shell variables, JSON, or HTTP headers',
    placeholder: 'FORMAT',
  },
  show: { type: 'boolean', summary: 'print it to the terminal, for everybody who looks on to see' },
  reason: { type: 'string', summary: 'why, for the history', placeholder: 'TEXT' },
  timeout: { type: 'string', pattern: DURATION, summary: 'give up after this time', placeholder: 'TIME' },
} as const satisfies ParameterTable;

/** Hands a session's secret to another program. */
export const access: Command<typeof FLAGS> = {
  name: 'access',
  summary: 'print what another program needs to use a session',
  usage: '<provider> [NAME] | <provider>:NAME',
  flags: FLAGS,
  provider: 'find',
  examples: [
    'eval "$(slipline access hpe-oneview)"',
    'slipline access hpe-oneview:1 --format header | curl --header @- https://ov1.example/rest/sessions',
    'slipline access hpe-oneview ov1.example --format json',
  ],
  async run(invocation, context) {
    const { flags } = invocation;
    if (context.output.isTerminal && flags.show !== true)
      throw usage(
        'this would print a secret to the terminal',
        'pipe it to where it is needed, or add --show',
      );
    const session = await chosenSession(invocation, context);
    const granted = await (
      await context.slipline()
    ).access(session, {
      signal: context.signal,
      timeout:
        flags.timeout === undefined ? context.settings.timeout : parseDuration(flags.timeout, '--timeout'),
      reason: flags.reason,
    });
    const isJson = context.settings.output === 'json' || context.settings.output === 'jsonl';
    await print(granted, flags.format ?? (isJson ? 'json' : 'env'), context);
    return 0;
  },
};

async function print(
  { environment, headers = {} }: Access,
  format: 'env' | 'json' | 'header',
  context: Context,
): Promise<void> {
  const plain = { environment: revealed(environment), headers: revealed(headers) };
  switch (format) {
    case 'json':
      return context.output.one(plain, jsonText(plain, 2));
    case 'env':
      return context.output.raw(Object.entries(plain.environment).map(shellLine).join(''));
    case 'header':
      return context.output.raw(Object.entries(plain.headers).map(headerLine).join(''));
    default:
      return format satisfies never;
  }
}

function revealed(values: Access['environment']): JsonObject & Readonly<Record<string, string>> {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

/** For `eval` in a POSIX shell. */
function shellLine([name, value]: [string, string]): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0')) throw unprintable(name, 'json');
  return `export ${name}='${value.replaceAll("'", "'\\''")}'\n`;
}

/** For `curl --header @-`. */
function headerLine([name, value]: [string, string]): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\0\r\n]/.test(value)) throw unprintable(name, 'json');
  return `${name}: ${value}\n`;
}

function unprintable(name: string, format: string): DisconnectError {
  return new DisconnectError(
    'unsupported',
    `${JSON.stringify(name.slice(0, 80))} cannot be written in this format`,
    {
      next: `--format ${format}`,
    },
  );
}
