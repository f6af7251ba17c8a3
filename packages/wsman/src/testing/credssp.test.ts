import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { createAuthority } from '@slipline/testkit';
import { openBench, type WsmanBench } from './bench.ts';
import { faults } from './faults.ts';
import { RESOURCES } from './namespaces.ts';
import type { SettingsChange } from './settings.ts';

let bench: WsmanBench;
let slipline: Slipline;
beforeEach(async () => {
  bench = await openBench({ winrm: { authentication: { negotiate: false, credssp: true } } });
  slipline = new Slipline({
    providers: [bench.plugin],
    ledger: new MemoryLedger(),
    network: bench.network,
  });
});
afterEach(async () => {
  await slipline[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const connect = (values: object = {}) =>
  slipline.connect('wsman', { ...bench.connectValues(), authentication: 'credssp', ...values });
const list = () =>
  slipline.sessions({ provider: 'wsman', selector: { computerName: ['server01'], shells: true } });

describe('CredSSP', () => {
  it('seals requests and answers, each in one record', async () => {
    await connect();
    expect((await list()).sessions).toHaveLength(bench.winrm.openShellCount);
    const carried = bench.winrm.requests.filter(({ kind }) => kind !== 'Authenticate');
    expect(carried.map(({ kind }) => kind)).toEqual(['Identify', 'Enumerate']);
    for (const request of carried) {
      expect(request).toMatchObject({ isSealed: true, scheme: 'credssp', transport: 'http' });
      expect(request.body.includes('schemas')).toBe(false);
    }
  });

  it('ends shells', async () => {
    await connect();
    const selector = { computerName: ['server01'], shells: true };
    const { outcomes } = await slipline.apply(await slipline.plan({ provider: 'wsman', selector }));
    expect(outcomes.map(({ status }) => status)).toEqual(['disconnected', 'disconnected']);
    expect(bench.winrm.openShellCount).toBe(0);
    const deletions = bench.winrm.requests.filter(({ kind }) => kind === 'Delete');
    expect(deletions).toMatchObject([{ isSealed: true }, { isSealed: true }]);
  });

  it('seals long answers in many records', async () => {
    await connect();
    for (let count = 0; count < 100; count += 1)
      bench.winrm.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.cmd });
    expect((await list()).sessions).toHaveLength(102);
  });

  it.each<[string, object, SettingsChange, string]>([
    ['a wrong password', { password: new Secret('wrong') }, {}, 'unauthenticated'],
    ['a service of an old version', {}, { credssp: { version: 4 } }, 'untrusted'],
  ])('is refused with %s', async (_, values, settings, code) => {
    bench.winrm.configure(settings);
    await expect(connect(values)).rejects.toMatchObject({ code });
    expect(bench.winrm.requestCounts.get('Identify')).toBeUndefined();
  });

  it('notices somebody in between', async () => {
    const other = await (await createAuthority()).issue({ commonName: 'server01', names: ['server01'] });
    bench.winrm.configure({ credssp: { boundTo: other.certificate } });
    await expect(connect()).rejects.toMatchObject({ code: 'untrusted' });
    expect(bench.winrm.requestCounts.get('Identify')).toBeUndefined();
  });

  it.each([
    ['data', faults.tamperedData()],
    ['order', faults.replay()],
    ['lengths', faults.wrongLength()],
    ['ends', faults.truncated()],
  ])('notices spoiled %s', async (_, fault) => {
    await connect();
    bench.winrm.inject(fault, { operation: 'Enumerate' });
    const { sessions, problems } = await list();
    expect(sessions).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});
