import { describe, expect, it, jest } from '@jest/globals';
import { DisconnectError, MemoryLedger, Slipline } from '@slipline/core';
import { createAuthority } from '@slipline/testkit';
import fc from 'fast-check';
import { openBench } from './bench.ts';
import { CmdletError, WsmanDrive } from './wsman-drive.ts';

jest.setTimeout(60_000);

const keyOf = (work: () => void): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof CmdletError ? error.key : 'unexpected';
  }
};

describe('the drive', () => {
  it('shows what the example in the help of Disconnect-WSMan shows', () => {
    const drive = new WsmanDrive();
    drive.connect('server01');
    expect(drive.list()).toHaveLength(2);
    drive.disconnect('server01');
    expect(drive.list()).toEqual([{ computerName: 'localhost', type: 'Container' }]);
  });

  it('has the cmdlets’ errors', () => {
    const drive = new WsmanDrive();
    for (const name of [undefined, '', '.', 'LocalHost'])
      expect(keyOf(() => drive.disconnect(name))).toBe('LocalHost');
    expect(keyOf(() => drive.disconnect('server01'))).toBe('InvalidComputerName');
    expect(keyOf(() => drive.connectTo('server01'))).toBe('NotProperURI');
    drive.connectTo('http://server01:5985/wsman');
    expect(keyOf(() => drive.disconnect('server01'))).toBe('InvalidComputerName');
    expect(keyOf(() => drive.disconnect('SERVER01:5985/wsman'))).toBeUndefined();
  });
});

describe('the provider, used strictly', () => {
  const authority = createAuthority();
  const computer = fc.constantFrom('server01', 'SERVER01', 'server02', 'server01.corp.example');
  const step = fc.oneof(
    fc.record({ verb: fc.constant('connect' as const), name: computer }),
    fc.record({
      verb: fc.constant('disconnect' as const),
      name: fc.oneof(computer, fc.constantFrom('localhost', '.', '', 'LOCALHOST', 'elsewhere')),
    }),
  );

  it('lists what the drive lists, and fails where the cmdlet fails', async () => {
    await using bench = await openBench({ authority: await authority });
    const run = async (
      steps: readonly { readonly verb: 'connect' | 'disconnect'; readonly name: string }[],
    ) => {
      const drive = new WsmanDrive();
      await using slipline = new Slipline({
        providers: [bench.plugin],
        ledger: new MemoryLedger(),
        network: bench.network,
      });
      for (const { verb, name } of steps) {
        if (verb === 'connect') {
          drive.connect(name);
          await slipline.connect('wsman', { ...bench.connectValues(), computerName: name });
        } else {
          expect(await strictly(slipline, name)).toBe(keyOf(() => drive.disconnect(name)));
        }
        expect(await listed(slipline)).toEqual(namesOf(drive));
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 8 }), run), { numRuns: 25 });
  });
});

/** Disconnects as the cmdlet does; the key of its error. */
async function strictly(slipline: Slipline, name: string): Promise<unknown> {
  try {
    const plan = await slipline.plan({ provider: 'wsman', selector: { computerName: [name], strict: true } });
    const [problem] = plan.problems;
    if (problem !== undefined) throw problem.error;
    const { outcomes } = await slipline.apply(plan);
    expect(outcomes.map(({ status }) => status)).toEqual(plan.steps.map(() => 'disconnected'));
    return undefined;
  } catch (error) {
    if (!DisconnectError.is(error)) throw error;
    return error.details?.['resourceKey'];
  }
}

/** Several connections to one computer are one row of the drive. */
async function listed(slipline: Slipline): Promise<readonly string[]> {
  const { sessions } = await slipline.sessions({ provider: 'wsman', selector: { drive: true } });
  return [...new Set(sessions.map(({ endpoint }) => endpoint.toLowerCase()))].sort();
}

function namesOf(drive: WsmanDrive): readonly string[] {
  return drive
    .list()
    .map(({ computerName }) => computerName.toLowerCase())
    .sort();
}
