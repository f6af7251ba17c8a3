import { expect, it } from '@jest/globals';
import { CommandLine } from '../command-line.test.support.ts';
import { ownVersion } from '../own-program.ts';

it('a provider that is not installed ends every command that takes one with 2, and the one command that installs it', async () => {
  await using cli = await CommandLine.start();
  for (const command of ['connect', 'disconnect', 'access', 'ls']) {
    const { code, stdout, stderr } = await cli.run([command, 'entra', 'SERVER01']);
    const said = `unknown-provider: provider "entra" is not installed\nnext: npm install @slipline/entra@${ownVersion()}\n`;
    expect([command, code, stdout, stderr]).toEqual([command, 2, '', said]);
  }
});
