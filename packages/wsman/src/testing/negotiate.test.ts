import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryLedger, Slipline } from '@slipline/core';
import { manualClock } from '@slipline/testkit';
import { openBench, type WsmanBench, type WsmanBenchOptions } from './bench.ts';

let bench: WsmanBench | undefined;
let slipline: Slipline | undefined;
afterEach(async () => {
  await slipline?.[Symbol.asyncDispose]();
  await bench?.[Symbol.asyncDispose]();
});

async function connect(winrm: WsmanBenchOptions['winrm'], values: object = {}): Promise<WsmanBench> {
  bench = await openBench({ winrm });
  slipline = new Slipline({
    providers: [bench.plugin],
    ledger: new MemoryLedger(),
    network: bench.network,
  });
  await slipline.connect('wsman', { ...bench.connectValues(), ...values });
  return bench;
}

const refusals = (): readonly (string | undefined)[] =>
  bench?.winrm.requests.flatMap(({ refusal }) => refusal ?? []) ?? [];

describe('Negotiate', () => {
  it('is bound to the channel where that is demanded, and to no other', async () => {
    const { winrm } = await connect({ channelBinding: 'required' }, { useSsl: true });
    expect(winrm.requests.at(-1)).toMatchObject({ kind: 'Identify', transport: 'https', status: 200 });
  });

  it('takes the time of the service, so that a wrong clock does no harm, unless the service tells none', async () => {
    const clock = manualClock(Date.now() + 72 * 3_600_000);
    await connect({ clock });
    expect(refusals()).not.toContain('timeDifference');
    await slipline?.[Symbol.asyncDispose]();
    await bench?.[Symbol.asyncDispose]();
    await expect(connect({ clock, ntlm: { noTimestamp: true } })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    expect(refusals()).toContain('timeDifference');
  });

  it('begins anew on another connection', async () => {
    const { winrm } = await connect({});
    const before = winrm.requests.at(-1)?.connection;
    winrm.closeConnections();
    const selector = { computerName: ['server01'], shells: true };
    const list = await slipline?.sessions({ provider: 'wsman', selector });
    expect(list?.sessions).toHaveLength(winrm.openShellCount);
    expect(winrm.requests.at(-1)?.connection).not.toBe(before);
  });

  it('holds on servers that close each connection', async () => {
    const { winrm } = await connect({ closesConnections: true });
    const selector = { computerName: ['server01'], shells: true };
    const list = await slipline?.sessions({ provider: 'wsman', selector });
    expect(list?.problems).toEqual([]);
    expect(list?.sessions).toHaveLength(winrm.openShellCount);
  });
});
