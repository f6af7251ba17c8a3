import { describe, expect, it } from '@jest/globals';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { openBench } from './bench.ts';

describe('Digest', () => {
  it('lets in who knows the password, over TLS, and nobody else', async () => {
    await using bench = await openBench({ winrm: { authentication: { negotiate: false, digest: true } } });
    await using slipline = new Slipline({
      providers: [bench.plugin],
      ledger: new MemoryLedger(),
      network: bench.network,
    });
    const connect = (values: object) =>
      slipline.connect('wsman', {
        ...bench.connectValues(),
        authentication: 'digest',
        useSsl: true,
        ...values,
      });
    await expect(connect({ password: new Secret('wrong') })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await connect({});
    const selector = { computerName: ['server01'], shells: true };
    const { sessions } = await slipline.sessions({ provider: 'wsman', selector });
    expect(sessions).toHaveLength(bench.winrm.openShellCount);
    expect(bench.winrm.requests.at(-1)).toMatchObject({
      scheme: 'digest',
      transport: 'https',
      isSealed: false,
    });
  });
});
