import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from '@slipline/hpe-oneview/testing';
import { openLedger, sliplinePaths } from '@slipline/ledger';
import { CommandLine, UNSAFE, type Ran } from '../command-line.test.support.ts';
import { findClocks, findQuotas, findSessions } from '../doctor/sessions.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start();
});
/** The labs of others who use this machine are not to be seen. */
const doctor = (...argv: string[]): Promise<Ran> => {
  mkdirSync(cli.path('tmp'), { recursive: true });
  return cli.run(['doctor', ...argv], { environment: { TMPDIR: cli.path('tmp') } });
};
afterEach(() => cli[Symbol.asyncDispose]());

async function found(...argv: string[]): Promise<readonly (readonly string[])[]> {
  const { stdout } = await doctor('-o', 'json', '--query', '[].[about, level, what]', ...argv);
  return JSON.parse(stdout) as readonly (readonly string[])[];
}

const about = async (what: string, ...argv: string[]): Promise<unknown> =>
  (await found(...argv)).filter(([area]) => area === what).map(([, ...rest]) => rest);

describe('doctor', () => {
  it('has nothing to say where all is well', async () => {
    await cli.connect();
    const { code, stdout } = await doctor();
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^ABOUT +LEVEL +WHAT.*\nsessions +ok +1 session open/),
    ]);
    expect(stdout).not.toMatch(UNSAFE);
    expect(await about('secrets')).toEqual([
      ['ok', 'secrets are sealed with a key from file; the keyring is turned off'],
    ]);
    expect(await about('plugins')).toEqual([['ok', '1 provider can be used']]);
  });

  it('asks no system unless it is told to', async () => {
    await cli.connect();
    const { requestCount } = cli.appliance();
    await doctor();
    expect(cli.appliance().requestCount).toBe(requestCount);
    expect(await about('clock', '--live')).toEqual([['ok', 'agrees with 1 system']]);
    expect(cli.appliance().requestCount).toBeGreaterThan(requestCount);
  });

  it('tells of a disconnect that did not come to its end, and of a system that does not answer', async () => {
    await cli.connect();
    const fault = cli.appliance().inject(faults.resetBefore());
    await cli.run(['disconnect', 'hpe-oneview', '--timeout', '1s']);
    const { code } = await doctor();
    expect(code).toBe(3);
    expect(await about('sessions')).toEqual([
      ['ok', '0 sessions open'],
      ['problem', expect.stringMatching(/^left behind: Administrator on ov1\.example .*disconnect did not/)],
    ]);
    expect(await about('sessions', '--live')).toContainEqual([
      'problem',
      expect.stringMatching(/^unreachable: /),
    ]);
    fault.remove();
    await cli.run(['cleanup']);
    expect((await doctor()).code).toBe(0);
  });

  it('tells of a key that is none', async () => {
    await cli.connect();
    writeFileSync(sliplinePaths(cli.environment, process.platform, '/').wrappingKey, 'no key');
    expect(await about('secrets')).toEqual([['problem', expect.stringMatching(/holds no key/)]]);
  });

  it('lists and removes what is left over on the disk', async () => {
    await cli.connect();
    const { keys } = sliplinePaths(cli.environment, process.platform, '/');
    const stray = join(keys, `${crypto.randomUUID()}.key`);
    mkdirSync(keys, { recursive: true });
    writeFileSync(stray, 'x');
    const lab = join(cli.path('tmp'), 'slipline-lab-old');
    mkdirSync(lab, { recursive: true });
    utimesSync(lab, 1, 1);
    mkdirSync(join(cli.path('tmp'), 'slipline-lab-new'));
    expect(await about('disk')).toContainEqual(['problem', expect.stringMatching(/left over/)]);
    const { code, stdout } = await doctor('--residue');
    expect([code, stdout]).toEqual([0, `removed: ${stray}\nremoved: ${lab}\n`]);
    expect(await about('disk')).toEqual([['ok', 'nothing is left over on the disk']]);
    expect((await cli.run(['disconnect', 'hpe-oneview'])).code).toBe(0);
  });
});

describe('what doctor looks for', () => {
  const NOW = Date.parse('2026-01-01T00:00:00Z');

  it('sessions that are about to expire', async () => {
    await cli.connect();
    await using ledger = await openLedger({ environment: cli.environment });
    const [entry] = await ledger.entries();
    if (entry === undefined) throw new Error('There is no session.');
    const expiring = (expiresAt: string) => ({ ...entry, session: { ...entry.session, expiresAt } });
    const entries = ['2025-12-31T00:00:00Z', '2026-01-01T00:10:00Z', '2026-01-02T00:00:00Z'].map(expiring);
    const notes = findSessions(entries, NOW).filter(({ level }) => level === 'note');
    expect(notes.map(({ what }) => what.replace(/^.*\) /, ''))).toEqual([
      'has expired',
      'expires in 10 minutes',
    ]);
  });

  it('limits that are nearly reached', async () => {
    await cli.connect();
    await using ledger = await openLedger({ environment: cli.environment });
    const [entry] = await ledger.entries();
    if (entry === undefined) throw new Error('There is no session.');
    const quota = { appliance: { used: 95, limit: 100, free: 5 }, client: { used: 1, limit: 100, free: 99 } };
    const session = { ...entry.session, details: { quota } };
    expect(findQuotas([session, session])).toMatchObject([
      { what: 'ov1.example: 5 of 100 sessions are free (appliance)' },
    ]);
    expect(findQuotas([{ ...session, details: { quota: 'unknown' } }, entry.session])).toEqual([]);
  });

  it('clocks that differ', () => {
    expect(
      findClocks(
        new Map([
          ['one', 90_000],
          ['two', -3_600_000],
          ['three', 1000],
        ]),
        undefined,
        NOW,
      ),
    ).toMatchObject([
      { level: 'problem', what: 'one is 90 seconds ahead of this machine' },
      { level: 'problem', what: 'two is 3600 seconds behind this machine' },
    ]);
    const receipt = { startedAt: '2026-01-01T02:00:00Z' } as Parameters<typeof findClocks>[1];
    expect(findClocks(new Map(), receipt, NOW)).toMatchObject([
      { what: expect.stringMatching(/was set back/) },
    ]);
  });
});
