import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { negotiate, ntlm, type SecurityContext } from '@slipline/windows-auth';
import { bindRpc, type BindOptions } from './rpc-connection.ts';
import { Samba, SAMBA_PASSWORD as PASSWORD, SAMBA_USER as USER } from './testing/samba.ts';
import { connectSmb, type SmbConnection } from './smb-connection.ts';
import type { SmbDialect } from './smb-dialects.ts';
import type { SmbOptions } from './smb-options.ts';
import { SRVSVC } from './srvsvc.test.support.ts';

const { signal } = new AbortController();
let samba: Samba;

beforeAll(async () => {
  samba = await Samba.start();
}, 60_000);
afterAll(async () => samba.stop(), 60_000);

async function connectTo(server: Samba, options: Partial<SmbOptions> = {}): Promise<SmbConnection> {
  return await connectSmb({
    socket: await server.dial(),
    signal,
    host: '127.0.0.1',
    security: () => rawNtlm(),
    ...options,
  });
}

function rawNtlm(password = PASSWORD): SecurityContext {
  return ntlm({ credential: { userName: USER, password }, target: 'cifs/127.0.0.1' });
}

function spnego(): SecurityContext {
  return negotiate({ mechanisms: [ntlm({ credential: { userName: USER, password: PASSWORD } })] });
}

async function listShares(connection: SmbConnection, options: Partial<BindOptions> = {}) {
  const pipe = await connection.openPipe('srvsvc', { signal });
  await using rpc = await bindRpc(pipe, { interfaces: [SRVSVC], signal, ...options });
  const shares = { kind: 1, value: { count: 0, buffer: null } } as const;
  const answer = await rpc.call(
    SRVSVC,
    'NetrShareEnum',
    { server: null, level: 1, shares, most: 0xffff_ffff, resume: null },
    { signal },
  );
  expect(answer.status).toBe(0);
  return answer.shares.value?.buffer?.map(({ name }) => name);
}

describe('dialects', () => {
  it.each<SmbDialect>(['2.0.2', '2.1', '3.0', '3.0.2', '3.1.1'])('speaks %s', async (dialect) => {
    await using connection = await connectTo(samba, { dialects: [dialect] });
    expect(connection).toMatchObject({ dialect });
    expect(await listShares(connection)).toEqual(['data', 'IPC$']);
  });
});

describe('RPC security', () => {
  it.each([
    ['NTLM', rawNtlm],
    ['SPNEGO', spnego],
  ])('seals and signs with %s', async (_, security) => {
    await using connection = await connectTo(samba, { security: () => security() });
    expect(await listShares(connection, { security: () => security(), level: 'privacy' })).toContain('data');
    expect(await listShares(connection, { security: () => security(), level: 'integrity' })).toContain(
      'data',
    );
  });
});
