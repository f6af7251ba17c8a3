import { describe, expect, it } from '@jest/globals';
import { hostAddress } from './host-address.ts';
import { openWts } from './wts-client.ts';
import type { WtsLibrary } from './wts-library.ts';

const signal = new AbortController().signal;
const LOGON = 133_444_664_000_000_000n;

/** WTSINFOW and WTSCLIENTW as the headers of the Windows SDK lay them out. */
function octetsOf(kind: number): Uint8Array {
  const bytes = Buffer.alloc(kind === 24 ? 216 : 2000);
  const write = (at: number, text: string): number => bytes.write(text, at, 'utf16le');
  if (kind === 24) {
    bytes.writeInt32LE(4, 0);
    bytes.writeUInt32LE(2, 4);
    write(32, 'RDP-Tcp#0');
    write(96, 'DOMAIN');
    write(130, 'jdoe');
    [LOGON, LOGON + 1n, LOGON + 2n, LOGON].forEach((time, place) =>
      bytes.writeBigInt64LE(time, 176 + place * 8),
    );
  } else {
    write(0, 'LAPTOP-AS');
    bytes.writeUInt8(3, 1170);
    write(1176, '192.0.2.7');
    [1920, 1080, 32].forEach((value, place) => bytes.writeUInt16LE(value, 1238 + place * 2));
    bytes.writeUInt32LE(26_100, 1768);
  }
  return bytes;
}

function library(answers: Partial<WtsLibrary> = {}) {
  const calls: unknown[] = [];
  const made: WtsLibrary = {
    openServer: async (name) => (calls.push(`open ${name}`), 7n),
    closeServer: (server) => void calls.push(['close', server]),
    sessions: async () => [
      { SessionId: 0, State: 4, pSessionName: 'Services', pUserName: null, pDomainName: null },
      { SessionId: 2, State: 0, pSessionName: 'RDP-Tcp#0', pUserName: 'jdoe', pDomainName: 'DOMAIN' },
    ],
    query: async (_server, id, kind) => (id === 2 ? octetsOf(kind) : undefined),
    disconnect: async (_server, id) => (calls.push(`disconnect ${id}`), 0),
    logOff: async () => 7022,
    sendMessage: async () => 6,
    ...answers,
  };
  return { calls, load: async () => made };
}

describe("Windows' own library", () => {
  it('lists sessions, and those of nobody without a name', async () => {
    const { calls, load } = library();
    const client = await openWts(hostAddress('SERVER01'), load);
    expect(await client.list(signal)).toEqual([
      { id: 0, state: 'Disconnected', sessionName: 'Services', userName: '', domainName: '' },
      { id: 2, state: 'Active', sessionName: 'RDP-Tcp#0', userName: 'jdoe', domainName: 'DOMAIN' },
    ]);
    await client[Symbol.asyncDispose]();
    expect(calls).toEqual(['open SERVER01', ['close', 7n]]);
  });

  it('tells of a session and its client what SMB tells', async () => {
    const client = await openWts(hostAddress('SERVER01'), library().load);
    expect(await client.facts(2, signal)).toEqual({
      state: 'Disconnected',
      sessionName: 'RDP-Tcp#0',
      domainName: 'DOMAIN',
      userName: 'jdoe',
      isLocked: undefined,
      connectTime: LOGON,
      disconnectTime: LOGON + 1n,
      lastInputTime: LOGON + 2n,
      logonTime: LOGON,
    });
    expect(await client.client(2, signal)).toEqual({
      clientName: 'LAPTOP-AS',
      clientAddress: '192.0.2.7',
      encryptionLevel: 3,
      horizontalResolution: 1920,
      verticalResolution: 1080,
      colorDepth: 32,
      clientBuildNumber: 26_100,
    });
    expect(await client.facts(9, signal)).toBeUndefined();
  });

  it('disconnects, says what is gone, and tells refusals by their number', async () => {
    const { calls, load } = library({ disconnect: async () => 5 });
    const client = await openWts(hostAddress('SERVER01'), load);
    expect(await client.logOff(2, signal)).toBe('gone');
    expect(
      await client.showMessage(2, { title: '', text: 'x', style: 4, timeout: 1, waits: true }, signal),
    ).toBe(6);
    await expect(client.disconnect(2, signal)).rejects.toMatchObject({ status: 0x80070005 });
    expect(calls).toEqual(['open SERVER01']);
  });

  it('that is short of octets is not read beyond them', async () => {
    const { load } = library({ query: async () => Buffer.alloc(100) });
    const client = await openWts(hostAddress('SERVER01'), load);
    expect([await client.facts(2, signal), await client.client(2, signal)]).toEqual([undefined, undefined]);
  });

  it('is not there on other systems, which is said', async () => {
    const opened = openWts(hostAddress('SERVER01'));
    await expect(opened).rejects.toMatchObject({
      code: 'unsupported',
      next: expect.stringContaining('--user-name'),
    });
  });
});
