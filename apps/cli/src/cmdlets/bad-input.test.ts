import { DisconnectError, type AnyPlugin } from '@slipline/core';
import entra from '@slipline/entra';
import exchangeOnline from '@slipline/exchange-online';
import hpeOneView from '@slipline/hpe-oneview';
import terminalSessions from '@slipline/terminal-sessions';
import wsman from '@slipline/wsman';
import { describe, expect, it } from '@jest/globals';
import { parseCmdlet } from './cmdlet-command.ts';
import type { FoundCmdlet } from './find-cmdlet.ts';

const PLUGINS: readonly AnyPlugin[] = [exchangeOnline(), entra(), hpeOneView(), wsman(), terminalSessions()];
const CMDLETS = PLUGINS.flatMap((plugin) =>
  (plugin.cmdlets ?? []).map((cmdlet): readonly [string, FoundCmdlet] => [cmdlet.name, { cmdlet, plugin }]),
);

const LONG = 'x'.repeat(100_000);
const MALFORMED: readonly (readonly string[])[] = [
  ['-Nope'],
  [`-${LONG}`],
  ['-Verbose:perhaps'],
  ['-Verbose:'],
  [`-Verbose:${LONG}`],
  ['-ErrorAction'],
  ['-ErrorAction', 'Explode'],
  ['-ErrorAction', '-Verbose'],
  ['-ea', 'Stop', '-ErrorAction', 'Stop'],
  ['-Output', 'xml'],
  ['-O\u0000utput', 'json'],
  ['-Password', 'secret'],
  ['{', '[{', '@(', "'", '"', '$null', LONG],
];

/** What somebody is told; a mistake that nobody foresaw would be no `DisconnectError`. */
async function refusal(found: FoundCmdlet, words: readonly string[]): Promise<DisconnectError> {
  const read = parseCmdlet(found, words, async () => {
    throw new Error('No secret is read.');
  });
  const error: unknown = await read.then(
    () => new Error('It was taken.'),
    (thrown: unknown) => thrown,
  );
  if (DisconnectError.is(error)) return error;
  throw error;
}

describe.each(CMDLETS)('%s', (_name, found) => {
  it.each(MALFORMED.map((words) => [words.join(' ').slice(0, 40), words] as const))(
    'refuses %j in one line, with what to write instead',
    async (_words, words) => {
      const { code, message, next = '' } = await refusal(found, words);
      expect([code, message.split('\n').length, next.split('\n').length]).toEqual(['invalid-request', 1, 1]);
      expect(next).not.toBe('');
      expect(message.length + next.length).toBeLessThan(1500);
      expect(message).not.toContain('secret');
    },
  );
});
