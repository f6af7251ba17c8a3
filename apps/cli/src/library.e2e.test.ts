import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CommandLine, PASSWORD, Spawned } from './command-line.test.support.ts';

// Programs of others that use the library, as they find it once it is built.

jest.setTimeout(60_000);

const SOURCE = fileURLToPath(new URL('.', import.meta.url));

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start();
});
afterEach(() => cli[Symbol.asyncDispose]());

/** Begins with a `slipline`, and a way to `open` a session of the process. */
const PRELUDE = `
  import { Secret, Slipline } from '@slipline/core';
  import { hpeOneView } from '@slipline/hpe-oneview';
  import { openLedger } from '@slipline/ledger';
  const { CA, PORT, PASSWORD } = process.env;
  const slipline = new Slipline({
    providers: [hpeOneView()],
    ledger: () => openLedger({ onNotice() {} }),
    network: { authorities: [CA], resolve: [{ host: 'ov1.example', address: '127.0.0.1', toPort: Number(PORT) }] },
  });
  const values = { appliance: 'ov1.example', userName: 'Administrator', password: new Secret(PASSWORD) };
  const open = () => slipline.connect('hpe-oneview', values, { scope: 'process' });
`;

function start(script: string, ...flags: readonly string[]): Spawned {
  const { PATH = '' } = process.env;
  const environment = {
    ...cli.environment,
    PATH,
    CA: cli.authority.certificate,
    PORT: String(cli.appliance().port),
    PASSWORD,
  };
  const args = [...flags, '--input-type=module', '-e', PRELUDE + script];
  // Resolved from here: this package has them all.
  return new Spawned(spawn(process.execPath, args, { cwd: SOURCE, env: environment }));
}

it('a job that is killed leaves a session that the next clean-up ends', async () => {
  const job = start(`await open(); process.kill(process.pid, 'SIGKILL');`);
  expect((await job.ended).stderr).toBe('SIGKILL');
  expect(cli.appliance().openSessionCount).toBe(1);
  expect((await cli.run(['cleanup'])).code).toBe(0);
  expect(cli.appliance().openSessionCount).toBe(0);
});

it('a job that throws leaves nothing, where it disposes of its Slipline', async () => {
  const job = start(`
    try { await open(); await open(); throw new Error('of the job'); }
    finally { await slipline[Symbol.asyncDispose](); }`);
  expect(await job.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('of the job') });
  expect(cli.appliance().openSessionCount).toBe(0);
});

it('a session that is dropped is warned of in development, and only there', async () => {
  const script = `
    await open();
    for (let round = 0; round < 20; round += 1) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
    await slipline[Symbol.asyncDispose]();`;
  const dropped = start(script, '--expose-gc');
  expect((await dropped.ended).stderr).toMatch(
    /SliplineWarning: Administrator on ov1\.example was opened .*dropped/,
  );
  const inProduction = start(`process.env.NODE_ENV = 'production';${script}`, '--expose-gc');
  expect(await inProduction.ended).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(cli.appliance().openSessionCount).toBe(0);
});
