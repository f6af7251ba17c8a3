import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { negotiate, ntlm, type SecurityContext } from '@slipline/windows-auth';
import { CALL, ECHO, echoEndpoint, NO_SIGNAL, pattern } from './echo.test.support.ts';
import { LSARPC } from './lsarpc.test.support.ts';
import { bindRpc, type BindOptions } from './rpc-connection.ts';
import { connectSmb, type SmbConnection } from './smb-connection.ts';
import type { SmbCipher, SmbDialect, SmbSigning } from './smb-dialects.ts';
import type { SmbOptions } from './smb-options.ts';
import { SRVSVC, WKSSVC } from './srvsvc.test.support.ts';
import { Samba, SAMBA_PASSWORD, SAMBA_USER, servePipe } from './testing/index.ts';

const DIALECTS = ['2.0.2', '2.1', '3.0', '3.0.2', '3.1.1'] as const;
const MECHANISMS = ['ntlm', 'negotiate'] as const;

function signInWith(mechanism: 'ntlm' | 'negotiate', password = SAMBA_PASSWORD): SecurityContext {
  const context = ntlm({ credential: { userName: SAMBA_USER, password }, target: 'cifs/127.0.0.1' });
  return mechanism === 'ntlm' ? context : negotiate({ mechanisms: [context] });
}

async function connectTo(samba: Samba, options: Partial<SmbOptions> = {}): Promise<SmbConnection> {
  return await connectSmb({
    socket: await samba.dial(),
    signal: NO_SIGNAL,
    host: '127.0.0.1',
    security: () => signInWith('ntlm'),
    ...options,
  });
}

const NO_SHARES = { kind: 1, value: { count: 0, buffer: null } } as const;

async function listShares(connection: SmbConnection, options: Partial<BindOptions> = {}) {
  const pipe = await connection.openPipe('srvsvc', CALL);
  await using rpc = await bindRpc(pipe, { interfaces: [SRVSVC], ...CALL, ...options });
  const request = { server: null, level: 1, shares: NO_SHARES, most: 0xffff_ffff, resume: null };
  const { status, shares } = await rpc.call(SRVSVC, 'NetrShareEnum', request, CALL);
  expect(status).toBe(0);
  return shares.value?.buffer?.map(({ name }) => name);
}

/** One smbd for the tests of a block. */
function withSamba(global: Readonly<Record<string, string>>): () => Samba {
  let samba: Samba;
  beforeAll(async () => {
    samba = await Samba.start({ global });
  }, 60_000);
  afterAll(() => samba.stop(), 60_000);
  return () => samba;
}

describe('smbd that encrypts where clients can', () => {
  const samba = withSamba({ 'server smb encrypt': 'desired' });

  it.each(DIALECTS)('speaks %s', async (dialect) => {
    await using connection = await connectTo(samba(), { dialects: [dialect] });
    expect(connection.dialect).toBe(dialect);
    expect(connection.cipher !== undefined).toBe(dialect.startsWith('3.'));
    expect(await listShares(connection)).toEqual(['data', 'IPC$']);
  });

  it.each<SmbCipher>(['aes-128-gcm', 'aes-128-ccm', 'aes-256-gcm', 'aes-256-ccm'])(
    'encrypts with %s',
    async (cipher) => {
      await using connection = await connectTo(samba(), { ciphers: [cipher], encryption: 'required' });
      expect(connection.cipher).toBe(cipher);
      expect(await listShares(connection)).toEqual(['data', 'IPC$']);
    },
  );

  it.each(MECHANISMS)('signs in with %s, and seals and signs RPC with it', async (mechanism) => {
    const security = () => signInWith(mechanism);
    await using connection = await connectTo(samba(), { security });
    expect(await listShares(connection, { security })).toContain('data');
    expect(await listShares(connection, { security, level: 'integrity' })).toContain('data');
  });

  it.each(MECHANISMS)('refuses a wrong password, with %s', async (mechanism) => {
    const attempt = connectTo(samba(), { security: () => signInWith(mechanism, 'Hunter2') });
    await expect(attempt).rejects.toMatchObject({ code: 'sign-in-refused', status: 0xc000_006d });
  });

  it('says what it does not have', async () => {
    await using connection = await connectTo(samba());
    await expect(connection.openPipe('no_such_pipe', CALL)).rejects.toMatchObject({ code: 'pipe-absent' });
    const pipe = await connection.openPipe('srvsvc', CALL);
    await expect(bindRpc(pipe, { interfaces: [ECHO], ...CALL })).rejects.toMatchObject({
      code: 'interface-absent',
    });
    const again = await connection.openPipe('srvsvc', CALL);
    const rpc = await bindRpc(again, { interfaces: [SRVSVC], ...CALL });
    await expect(rpc.call(SRVSVC, 'NoSuchOperation', {}, CALL)).rejects.toMatchObject({
      code: 'operation-absent',
    });
  });

  it('answers with handles, unions and structures of any length', async () => {
    await using connection = await connectTo(samba());
    const pipe = await connection.openPipe('lsarpc', CALL);
    await using rpc = await bindRpc(pipe, {
      interfaces: [LSARPC],
      security: () => signInWith('ntlm'),
      ...CALL,
    });
    const attributes = {
      length: 24,
      rootDirectory: null,
      objectName: null,
      attributes: 0,
      securityDescriptor: null,
      securityQualityOfService: null,
    };
    const opened = await rpc.call(
      LSARPC,
      'LsarOpenPolicy2',
      { system: null, attributes, access: 0x0200_0000 },
      CALL,
    );
    expect(opened.status).toBe(0);
    const { handle } = opened;
    const asked = await rpc.call(LSARPC, 'LsarQueryInformationPolicy', { handle, kind: 5 }, CALL);
    const { domainName, domainSid } = asked.information!.value;
    expect(String.fromCharCode(...domainName.buffer!)).toBe('TSTHOST');
    expect(domainSid).toMatchObject({ revision: 1, count: 4 });
    expect(domainSid!.parts).toHaveLength(4);
    expect(domainSid!.parts[0]).toBe(21);
    const closed = await rpc.call(LSARPC, 'LsarClose', { handle }, CALL);
    expect(Buffer.from(closed.handle)).toEqual(Buffer.alloc(20));
    const again = rpc.call(LSARPC, 'LsarQueryInformationPolicy', { handle, kind: 5 }, CALL);
    await expect(again).rejects.toMatchObject({ code: 'context-mismatch' });
  });

  it('serves several pipes of one connection, all at once', async () => {
    await using connection = await connectTo(samba());
    const lists = await Promise.all(Array.from({ length: 10 }, () => listShares(connection)));
    expect(lists).toEqual(lists.map(() => ['data', 'IPC$']));
    await bindRpc(await connection.openPipe('wkssvc', CALL), { interfaces: [WKSSVC], ...CALL });
  });

  it.each([1, 100, 5000, 60_000])('carries %i octets both ways, sealed in fragments', async (length) => {
    const accepted = { userName: SAMBA_USER, password: SAMBA_PASSWORD };
    await using served = await servePipe(samba().pipes, 'slipline_echo', echoEndpoint(accepted));
    expect(served).toBeDefined();
    await using connection = await connectTo(samba());
    const pipe = await connection.openPipe('slipline_echo', CALL);
    await using rpc = await bindRpc(pipe, {
      interfaces: [ECHO],
      security: () => signInWith('ntlm'),
      ...CALL,
    });
    const data = pattern(length);
    const answer = await rpc.call(ECHO, 'EchoData', { length, data }, CALL);
    expect(Buffer.from(answer.data).equals(data)).toBe(true);
  });
});

describe('smbd that leaves encryption to clients', () => {
  const samba = withSamba({ 'server smb encrypt': 'default' });

  it.each<[SmbDialect, boolean]>([
    ['3.0', true],
    ['3.0.2', true],
    ['3.1.1', true],
    ['2.1', false],
  ])('is encrypted or signed as the client wants, at %s', async (dialect, canEncrypt) => {
    await using preferred = await connectTo(samba(), { dialects: [dialect] });
    expect(preferred.cipher !== undefined).toBe(canEncrypt);
    expect(await listShares(preferred)).toContain('data');
    await using signed = await connectTo(samba(), { dialects: [dialect], encryption: 'server' });
    expect(signed.cipher).toBeUndefined();
    expect(await listShares(signed)).toContain('data');
  });
});

describe('smbd that does not encrypt', () => {
  const samba = withSamba({ 'server smb encrypt': 'off' });

  it.each<SmbSigning>(['aes-gmac', 'aes-cmac', 'hmac-sha256'])('signs with %s', async (signing) => {
    await using connection = await connectTo(samba(), { signings: [signing] });
    expect(connection).toMatchObject({ signing, cipher: undefined });
    expect(await listShares(connection)).toContain('data');
  });

  it.each(DIALECTS)('is refused at %s where encryption is required', async (dialect) => {
    const attempt = connectTo(samba(), { dialects: [dialect], encryption: 'required' });
    await expect(attempt).rejects.toMatchObject({ code: 'encryption-refused' });
  });
});

describe('smbd that requires encryption', () => {
  const samba = withSamba({ 'server smb encrypt': 'required' });

  it('gets it, although the client did not ask', async () => {
    await using connection = await connectTo(samba(), { encryption: 'server' });
    expect(connection.cipher).toBe('aes-128-gcm');
    expect(await listShares(connection)).toContain('data');
  });

  it('refuses a client of SMB 2', async () => {
    await expect(connectTo(samba(), { dialects: ['2.1'] })).rejects.toMatchObject({ code: 'access-denied' });
  });
});

describe('smbd that speaks SMB 1 only', () => {
  const samba = withSamba({ 'server min protocol': 'NT1', 'server max protocol': 'NT1' });

  it('is refused', async () => {
    await expect(connectTo(samba())).rejects.toThrow('instead of negotiating');
  });
});
