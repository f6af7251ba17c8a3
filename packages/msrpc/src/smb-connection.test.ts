import { describe, expect, it } from '@jest/globals';
import { CALL, ECHO, EchoBench, pattern, signInWith } from './echo.test.support.ts';
import { bindRpc } from './rpc-connection.ts';
import { SMB_DIALECTS, type SmbCipher, type SmbDialect, type SmbSigning } from './smb-dialects.ts';

const DIALECTS = Object.keys(SMB_DIALECTS) as SmbDialect[];

/** A call both ways, over several fragments, against what the server saw. */
async function echoes(bench: EchoBench, options: Parameters<EchoBench['connect']>[0] = {}) {
  await using connection = await bench.connect(options);
  const pipe = await connection.openPipe('echo', CALL);
  await using rpc = await bindRpc(pipe, { interfaces: [ECHO], ...CALL });
  const data = pattern(20_000);
  const answer = await rpc.call(ECHO, 'EchoData', { length: data.length, data }, CALL);
  expect(Buffer.from(answer.data).equals(data)).toBe(true);
  const { dialect, cipher, signing } = connection;
  return { dialect, cipher, signing };
}

describe('SMB', () => {
  it.each(DIALECTS)('speaks %s, and takes it where it is the best the server has', async (dialect) => {
    await using bench = await EchoBench.start({ dialects: [SMB_DIALECTS[dialect]] });
    expect(await echoes(bench)).toMatchObject({ dialect });
    expect(bench.server.signIns).toEqual(['opadmin']);
  });

  it.each(DIALECTS)('signs where the server does not encrypt, at %s', async (dialect) => {
    await using bench = await EchoBench.start({ dialects: [SMB_DIALECTS[dialect]], encryption: 'off' });
    expect(await echoes(bench)).toMatchObject({ dialect, cipher: undefined });
  });

  it.each<SmbCipher>(['aes-128-gcm', 'aes-128-ccm', 'aes-256-gcm', 'aes-256-ccm'])(
    'encrypts with %s',
    async (cipher) => {
      await using bench = await EchoBench.start({ encryption: 'required' });
      expect(await echoes(bench, { ciphers: [cipher] })).toMatchObject({ cipher });
    },
  );

  it.each<SmbDialect>(['3.0', '3.0.2'])('encrypts %s with what it has, AES-128-CCM', async (dialect) => {
    await using bench = await EchoBench.start({ dialects: [SMB_DIALECTS[dialect]] });
    expect(await echoes(bench)).toMatchObject({ cipher: 'aes-128-ccm' });
  });

  it.each<SmbSigning>(['aes-gmac', 'aes-cmac', 'hmac-sha256'])('signs with %s', async (signing) => {
    await using bench = await EchoBench.start({ encryption: 'off' });
    expect(await echoes(bench, { signings: [signing] })).toMatchObject({ signing, cipher: undefined });
  });

  it('encrypts where the server demands it, although the caller does not', async () => {
    await using bench = await EchoBench.start({ encryption: 'required' });
    expect(await echoes(bench, { encryption: 'server' })).toMatchObject({ cipher: 'aes-128-gcm' });
  });

  it.each(['ntlm', 'negotiate'] as const)('signs in with %s', async (mechanism) => {
    await using bench = await EchoBench.start();
    await echoes(bench, { security: () => signInWith(mechanism) });
    expect(bench.server.signIns).toEqual(['opadmin']);
  });

  it('reads answers in parts where one transfer does not hold them', async () => {
    await using bench = await EchoBench.start({ maxTransact: 8192 });
    await echoes(bench);
    expect(bench.server.counts.get('read')).toBeGreaterThan(1);
  });

  it('keeps several pipes of one connection apart, all at once', async () => {
    await using bench = await EchoBench.start();
    await using connection = await bench.connect();
    const values = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      values.map(async (value) => {
        await using rpc = await bindRpc(await connection.openPipe('echo', CALL), {
          interfaces: [ECHO],
          ...CALL,
        });
        return await rpc.call(ECHO, 'AddOne', { value }, CALL);
      }),
    );
    expect(answers.map(({ value }) => value)).toEqual(values.map((value) => value + 1));
    expect(bench.server.connectionCount).toBe(1);
    expect(bench.server.counts.get('close')).toBe(values.length);
  });

  it('closes what is open, leaves the share and signs out, once', async () => {
    await using bench = await EchoBench.start();
    const connection = await bench.connect();
    await connection.openPipe('echo', CALL);
    expect(connection.isOpen).toBe(true);
    await Promise.all([connection.close(), connection.close()]);
    expect(connection.isOpen).toBe(false);
    const { counts } = bench.server;
    expect([counts.get('close'), counts.get('tree-disconnect'), counts.get('logoff')]).toEqual([1, 1, 1]);
    expect(bench.areSocketsDestroyed).toBe(true);
    await expect(connection.openPipe('echo', CALL)).rejects.toMatchObject({ code: 'closed' });
  });
});
