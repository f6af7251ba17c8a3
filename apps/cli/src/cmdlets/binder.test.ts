import { describe, expect, it } from '@jest/globals';
import type { Cmdlet, ParameterTable } from '@slipline/core';
import { flagsOf } from '../arguments/flags.ts';
import { bind } from './binder.ts';
import { addedParameters, ownParameters } from './cmdlet-parameter.ts';
import { commonParameters } from './common-parameters.ts';
import { checkParameterSets } from './parameter-sets.ts';
import { tokens } from './tokens.ts';

const TABLE = {
  connectionId: { type: 'string', many: true, summary: 'which', names: true },
  modulePrefix: { type: 'string', many: true, summary: 'which' },
  computerName: { type: 'string', summary: 'where', position: 0, aliases: ['cn', 'ServerName'] },
  port: { type: 'integer', summary: 'port', position: 1 },
  useSsl: { type: 'boolean', summary: 'encrypt' },
  userName: { type: 'string', summary: 'who', credential: 'userName' },
  password: { type: 'secret', summary: 'password', credential: 'password' },
} as const satisfies ParameterTable;

const CMDLET: Cmdlet = {
  name: 'Disconnect-Test',
  verb: 'disconnect',
  sets: { Default: [], ConnectionId: ['connectionId'], ModulePrefix: ['modulePrefix'] },
  mandatory: { ConnectionId: ['connectionId'], ModulePrefix: ['modulePrefix'] },
};

const PARAMETERS = [
  ...ownParameters(CMDLET, TABLE),
  ...commonParameters(true),
  ...addedParameters(
    flagsOf({ output: { type: 'string', summary: 'how' }, reason: { type: 'string', summary: 'why' } }),
  ),
];

/** What these words are given to, by the parameters' own names. */
function bound(...words: readonly string[]): Readonly<Record<string, unknown>> {
  const values = bind(tokens(words), PARAMETERS);
  checkParameterSets(CMDLET, [...values.keys()]);
  return Object.fromEntries([...values].map(([{ name }, value]) => [name, value]));
}

describe('a parameter', () => {
  it.each([
    ['its name', ['-ConnectionId', 'a'], { ConnectionId: ['a'] }],
    ['its name in any case', ['-CONNECTIONid', 'a'], { ConnectionId: ['a'] }],
    ['an unambiguous beginning', ['-Conn', 'a'], { ConnectionId: ['a'] }],
    ['an alias', ['-CN', 'a'], { ComputerName: ['a'] }],
    ['an alias of a common one', ['-wi', '-cf:$false'], { WhatIf: true, Confirm: false }],
    ['a beginning of an alias', ['-Server', 'a'], { ComputerName: ['a'] }],
    ['a name with a colon', ['-ConnectionId:a'], { ConnectionId: ['a'] }],
    ['a colon and then the value', ['-ConnectionId:', 'a'], { ConnectionId: ['a'] }],
    ['the dash of a word processor', ['\u2013ConnectionId', 'a'], { ConnectionId: ['a'] }],
    ['a list with commas', ['-ConnectionId', 'a,b'], { ConnectionId: ['a', 'b'] }],
    ['a list with spaces', ['-ConnectionId', 'a,', 'b', ',c'], { ConnectionId: ['a', 'b', 'c'] }],
    [
      'a list with quotes',
      ['-ConnectionId', `'a,b',"say ""no""",'it''s'`],
      { ConnectionId: ['a,b', 'say "no"', "it's"] },
    ],
    ['an array expression', ['-ConnectionId', "@('a', 'b')"], { ConnectionId: ['a', 'b'] }],
    ['a single value with commas', ['-ComputerName', 'a,b'], { ComputerName: ['a,b'] }],
    ['a quoted single value', ['-ComputerName', "'my host'"], { ComputerName: ['my host'] }],
    ['a position', ['a', '5'], { ComputerName: ['a'], Port: ['5'] }],
    ['the position that is left', ['-Port', '5', 'a'], { ComputerName: ['a'], Port: ['5'] }],
    ['a negative number', ['a', '-5'], { ComputerName: ['a'], Port: ['-5'] }],
    ['what stands behind --', ['--', '-ConnectionId'], { ComputerName: ['-ConnectionId'] }],
    ['a switch', ['-UseSSL'], { UseSsl: true }],
    ['a switch that is off', ['-UseSSL:$false', '-Verbose:$TRUE'], { UseSsl: false, Verbose: true }],
    ['a switch and then its value', ['-Confirm:', '$false'], { Confirm: false }],
    ['a switch without PowerShell', ['-Confirm:false'], { Confirm: false }],
    ['a credential', ['-Credential', 'jdoe'], { UserName: ['jdoe'] }],
    ['a secret from a file', ['-PasswordFile', 'x'], { PasswordFile: ['x'] }],
    ['a secret from stdin', ['-PasswordStdin'], { PasswordStdin: true }],
    ['a letter of Slipline', ['-o', 'json'], { Output: ['json'] }],
    ['a flag of Slipline', ['-Reason', 'why'], { Reason: ['why'] }],
  ])('is found by %s', (_what, words, expected) => {
    expect(bound(...words)).toEqual(expected);
  });

  it.each([
    ['that could be two', ['-Con', 'a'], /-Con could be any of several/, /-ConnectionId -Confirm/],
    ['that there is not', ['-Nope'], /there is no parameter -Nope/, /-ConnectionId/],
    ['that is given twice', ['-ConnectionId', 'a', '-connectionid', 'b'], /given twice/, /commas/],
    ['without its value', ['-ConnectionId'], /-ConnectionId needs a value/, /write -ConnectionId VALUE/],
    [
      'whose value begins with a dash',
      ['-ConnectionId', '-Verbose'],
      /needs a value/,
      /-ConnectionId:-Verbose/,
    ],
    [
      'with nothing for a value',
      ['-ConnectionId', ''],
      /-ConnectionId cannot be empty/,
      /leave -ConnectionId out/,
    ],
    ['that is null', ['-ConnectionId', '$null'], /cannot be empty/, /leave/],
    [
      'that a shell has emptied',
      ['-Confirm:'],
      /nothing behind -Confirm:/,
      /-Confirm:'\$false', or write -Confirm:false/,
    ],
    ['that is no truth value', ['-Confirm:perhaps'], /neither true nor false/, /-Confirm:'\$false'/],
    [
      'that would show a password',
      ['-Password', 'x'],
      /everybody could read it/,
      /-PasswordStdin -PasswordFile -PasswordEnv/,
    ],
    [
      'of two sets',
      ['-ConnectionId', 'a', '-ModulePrefix', 'b'],
      /-ConnectionId and -ModulePrefix do not go together/,
      /one of them/,
    ],
    ['that is one too many', ['a', '5', 'c'], /there is no parameter for "c"/, /there are/],
    ['shortened, of Slipline', ['-Reas', 'x'], /there is no parameter -Reas/, /there are/],
  ])('%s is refused, with the correct form', (_what, words, what, next) => {
    const refused = {
      code: 'invalid-request',
      message: expect.stringMatching(what),
      next: expect.stringMatching(next),
    };
    let thrown: unknown;
    try {
      bound(...words);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject(refused);
  });
});

describe('parameter sets', () => {
  const sets = {
    sets: { A: ['userName', 'port'], B: ['userName', 'computerName'] },
    mandatory: { A: ['port'], B: ['computerName'] },
  };
  const given = (...words: readonly string[]) => [...bind(tokens(words), PARAMETERS).keys()];

  it('insist on what is mandatory', () => {
    expect(() => checkParameterSets(sets, given('-UserName', 'a'))).toThrow(/-Port is missing/);
    expect(() => checkParameterSets(sets, given('-UserName', 'a', '-Port', '5'))).not.toThrow();
    expect(() => checkParameterSets(sets, given('-UserName', 'a', 'host'))).not.toThrow();
  });

  it('have to be told apart', () => {
    const alike = { sets: { Default: ['port'], A: ['userName'], B: ['userName', 'computerName'] } };
    expect(() => checkParameterSets(alike, given('-UserName', 'a'))).toThrow(
      /could be of several parameter sets/,
    );
    expect(() => checkParameterSets(alike, given('-Port', '5'))).not.toThrow();
    expect(() => checkParameterSets(alike, given())).not.toThrow();
  });
});
