import { describe, expect, it } from '@jest/globals';
import { defineProvider, DisconnectError, Secret, type AnyPlugin } from '@slipline/core';
import { hpeOneView } from '@slipline/hpe-oneview';
import fc from 'fast-check';
import { parseArguments, type Catalog } from './arguments.ts';
import { COMMANDS } from '../commands.ts';
import type { ReadSecret } from './values.ts';

/** A provider with all that a table can say. */
const plugin: AnyPlugin = defineProvider({
  contract: 1,
  id: 'wide',
  title: 'Wide',
  impact: 'low',
  connect: {
    host: { type: 'string', endpoint: true, required: true, position: 0, summary: 'the host' },
    realm: { type: 'string', position: 1, summary: 'the realm' },
    useSSL: { type: 'boolean', summary: 'TLS' },
    token: { type: 'secret', summary: 'a token', aliases: ['ApiKey'], excludes: ['port'] },
    port: { type: 'integer', minimum: 1, maximum: 65_535, summary: 'the port' },
    timeout: { type: 'integer', summary: 'seconds on the wire' },
  },
  find: {
    computerName: {
      type: 'string',
      many: true,
      endpoint: true,
      position: 0,
      aliases: ['cn'],
      summary: 'hosts',
    },
    sessionId: { type: 'integer', many: true, requires: ['computerName'], summary: 'sessions' },
    idle: { type: 'boolean', listing: true, summary: 'only idle ones' },
  },
  create: () => {
    throw new Error('nobody needs it');
  },
});

const loaded: string[] = [];
const catalog: Catalog = {
  commandNames: Object.keys(COMMANDS),
  command: (name) => COMMANDS[name]!(),
  cmdlet: async () => undefined,
  plugin: async (id) => {
    loaded.push(id);
    if (id === 'wide') return plugin;
    if (id === 'hpe-oneview') return hpeOneView();
    throw new DisconnectError('unknown-provider', `there is no provider "${id}"`);
  },
};
const readSecret: ReadSecret = async (source, flag, value) => new Secret(`${source} ${flag} ${value}`);

async function parsed(...argv: string[]) {
  const result = await parseArguments(argv, catalog, readSecret);
  if (result.kind === 'help') throw new Error('That was a question for help.');
  return { name: result.command.name, globals: result.globals, ...result.invocation };
}

const refusal = async (...argv: string[]): Promise<DisconnectError> => {
  try {
    await parseArguments(argv, catalog, readSecret);
  } catch (error) {
    if (DisconnectError.is(error)) return error;
    throw error;
  }
  throw new Error(`Nothing is wrong with ${argv.join(' ')}`);
};

describe('a command line', () => {
  it('has flags of its own, of Slipline and of the provider, in any order after the provider', async () => {
    const argv = [
      '-o',
      'json',
      'connect',
      '--reason=why',
      'wide',
      '--port',
      '443',
      'h.example',
      '--use-ssl',
      '--debug',
    ];
    expect(await parsed(...argv)).toMatchObject({
      name: 'connect',
      provider: 'wide',
      positionals: [],
      globals: { output: 'json', debug: true },
      flags: { reason: 'why' },
      values: { host: 'h.example', port: 443, useSSL: true },
    });
  });

  it('gives words to parameters by their position', async () => {
    expect((await parsed('connect', 'wide', 'h', 'r')).values).toEqual({ host: 'h', realm: 'r' });
    expect((await parsed('disconnect', 'wide', 'a', 'b,c', '--', '-d')).values).toEqual({
      computerName: ['a', 'b', 'c', '-d'],
    });
  });

  it('takes lists with commas, flags given again, and aliases', async () => {
    const argv = [
      'disconnect',
      'wide',
      '--cn',
      'a,b',
      '--computer-name=c',
      '--session-id',
      '1',
      '--session-id',
      '2,3',
    ];
    expect((await parsed(...argv)).values).toEqual({ computerName: ['a', 'b', 'c'], sessionId: [1, 2, 3] });
  });

  it('knows the short flags', async () => {
    const { flags, globals } = await parsed('disconnect', 'wide', 'a', '-nyo', 'json', '-v');
    expect(flags).toMatchObject({ whatIf: true, yes: true });
    expect(globals).toMatchObject({ output: 'json', verbose: true });
  });

  it('may write provider and name as one', async () => {
    expect(await parsed('disconnect', 'wide:h.example:5985', 'wide:b')).toMatchObject({
      provider: 'wide',
      values: { computerName: ['h.example:5985', 'b'] },
    });
  });

  it('loads no provider that it does not need', async () => {
    loaded.length = 0;
    await parsed('ls', 'wide');
    await parsed('ls', '--live');
    expect(loaded).toEqual([]);
    await parsed('ls', 'wide', 'a');
    await parsed('ls', 'wide', '--idle');
    expect(loaded).toEqual(['wide', 'wide']);
  });

  it('reads secrets from where its flags say', async () => {
    const { values } = await parsed('connect', 'wide', 'h', '--token-file', '/run/token');
    expect((values['token'] as Secret).reveal()).toBe('file token-file /run/token');
    const { values: others } = await parsed('connect', 'wide', 'h', '--api-key-env', 'TOKEN');
    expect((others['token'] as Secret).reveal()).toBe('env token-env TOKEN');
  });

  it('puts the provider in front of a flag that Slipline has too', async () => {
    const { flags, values } = await parsed('connect', 'wide', 'h', '--timeout', '2m', '--wide-timeout', '7');
    expect({ flags, values }).toMatchObject({ flags: { timeout: '2m' }, values: { timeout: 7 } });
  });

  it('has sessions from a pipe in the place of a provider', async () => {
    const { provider, positionals, values } = await parsed(
      'disconnect',
      '-',
      '--user-name',
      'u',
      '--password-env',
      'P',
    );
    expect({ provider, positionals }).toEqual({ provider: undefined, positionals: ['-'] });
    expect(values).toMatchObject({ userName: 'u' });
  });

  it('leaves what is behind -- to commands without a provider', async () => {
    expect(await parsed('lab', '--', 'slipline', 'ls', '--live')).toMatchObject({
      positionals: [],
      rest: ['slipline', 'ls', '--live'],
    });
  });

  it.each([
    [['--help'], []],
    [[], []],
    [['help'], []],
    [
      ['help', 'connect', 'wide'],
      ['connect', 'wide'],
    ],
    [
      ['connect', 'wide', '--nonsense', '-h'],
      ['connect', 'wide'],
    ],
    [['-o', 'json', 'ls', '--help'], ['ls']],
  ])('%j asks for help', async (argv, topic) => {
    expect(await parseArguments(argv, catalog, readSecret)).toEqual({ kind: 'help', topic });
  });

  it.each([
    [['conect'], /there is no command "conect"/, /did you mean connect\? there are: connect, ls, /],
    [
      ['connect', 'wide', 'h', '--prot', '1'],
      /there is no flag --prot for "slipline connect wide"/,
      /did you mean --port\?/,
    ],
    [['ls', '--lvie'], /there is no flag --lvie for "slipline ls"/, /did you mean --live\?.*follow its name/],
    [['connect', '--port', '1', 'wide'], /there is no flag --port/, /flags of a provider follow its name/],
    [['connect', 'wide', 'h', '-port', '1'], /there is no flag --port? for/, /there are: --host/],
    [
      ['connect', 'wide', 'h', '--token', 'x'],
      /--token takes no value on the command line/,
      /--token-stdin, --token-file FILE/,
    ],
    [['connect', 'wide', 'h', 'r', 'more'], /"more" is one argument too many/, /slipline help connect wide/],
    [['connect', 'wide', '--host', 'h', 'again'], /--host is given twice/, /./],
    [['connect', 'wide', 'h', '--port', '1', '--port', '2'], /--port is given twice/, /./],
    [['connect', 'wide'], /--host is required: the host/, /slipline help connect wide/],
    [['connect', 'wide', 'h', '--port', 'x'], /--port is a whole number/, /./],
    [['connect', 'wide', 'h', '--port', '-1'], /--port is at least 1/, /./],
    [['connect', 'wide', 'h', '--port'], /--port needs a value/, /--port=VALUE/],
    [
      ['connect', 'wide', 'h', '--port', '1', '--token-env', 'T'],
      /--token and --port exclude each other/,
      /./,
    ],
    [['connect', 'wide', 'h', '--use-ssl=maybe'], /--use-ssl is true or false/, /./],
    [['disconnect', 'wide', '--session-id', '1'], /--session-id needs --computer-name/, /./],
    [['disconnect', 'wide', '--idle'], /there is no flag --idle/, /./],
    [['disconnect', 'wide', '--computer-name', ','], /--computer-name needs at least one value/, /./],
    [
      ['disconnect', '-', '--password-stdin'],
      /cannot be used with "-"/,
      /--password-file FILE or --password-env VARIABLE/,
    ],
    [['apply', '-', '--password-stdin'], /cannot be used with "-"/, /./],
    [['connect', 'nobody', 'h'], /there is no provider "nobody"/, undefined],
    [['--', 'ls'], /there is no command/, /slipline help/],
    [['__proto__'], /there is no command "__proto__"/, /./],
    [['ls', '--__proto__'], /there is no flag --__proto__/, /./],
    [['ls', '--constructor=1'], /there is no flag --constructor/, /./],
  ])('%j is refused', async (argv, message, next) => {
    const error = await refusal(...argv);
    expect(error.message).toMatch(message);
    if (next !== undefined) expect(error.next).toMatch(next);
    expect(['invalid-request', 'unknown-provider']).toContain(error.code);
  });

  it('is read or refused in our own words, whatever it is', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...Object.keys(COMMANDS),
        'wide',
        'hpe-oneview',
        '-',
        '--',
        '-o',
        '-n',
        '-h',
        '-yno',
        '--port',
        '1',
      ),
      fc.constantFrom(
        '--reason',
        '--computer-name',
        '--token-stdin',
        '--token',
        '--password-env',
        '--output=json',
        '--no-verify',
      ),
      fc.string({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => `--${text}`),
      fc.string({ maxLength: 6 }).map((text) => `-${text}=x`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (argv) => {
        try {
          await parseArguments(argv, catalog, readSecret);
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^(invalid-request|unknown-provider)$/),
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never has a secret repeated', async () => {
    const spelled = fc.constantFrom('--token', '--api-key', '-token', '--password', '--p');
    await fc.assert(
      fc.asyncProperty(spelled, fc.boolean(), async (flag, isInline) => {
        const argv = isInline ? [`${flag}=Canary`] : [flag, 'Canary'];
        const provider = flag.includes('p') && !flag.includes('api') ? 'hpe-oneview' : 'wide';
        const error = await refusal('connect', provider, 'h', ...argv);
        expect(JSON.stringify(error) + error.message).not.toContain('Canary');
      }),
    );
  });
});
