import { DisconnectError } from '@slipline/core';
import type * as Native from 'koffi';
import { TerminalError } from './terminal-client.ts';

type Koffi = typeof Native;

/** A handle or an address, as koffi gives them. */
export type Pointer = bigint | object | null;

/** What is wanted of wtsapi32.dll. Functions answer what the DLL left in memory as octets, already freed. */
export interface WtsLibrary {
  openServer(name: string): Promise<Pointer>;
  closeServer(server: Pointer): void;
  /** WTSEnumerateSessionsExW, as values. */
  sessions(server: Pointer): Promise<readonly WtsSession[]>;
  /** WTSQuerySessionInformationW; `undefined` where the information is not to be had. */
  query(server: Pointer, id: number, kind: number): Promise<Uint8Array | undefined>;
  disconnect(server: Pointer, id: number): Promise<number>;
  logOff(server: Pointer, id: number): Promise<number>;
  /** The answer, or a Win32 error as a negative number. */
  sendMessage(server: Pointer, id: number, message: WtsMessage): Promise<number>;
}

/** WTS_SESSION_INFO_1W. */
interface WtsSession {
  readonly State: number;
  readonly SessionId: number;
  readonly pSessionName: string | null;
  readonly pUserName: string | null;
  readonly pDomainName: string | null;
}

interface WtsMessage {
  readonly title: string;
  readonly text: string;
  readonly style: number;
  readonly timeout: number;
  readonly waits: boolean;
}

const SESSION_INFO_CLASS = 2;

/** Loads wtsapi32.dll through koffi, which is optional. Throws `unsupported` where either is missing. */
export async function loadWts(): Promise<WtsLibrary> {
  let koffi: Koffi;
  try {
    const loaded = (await import('koffi')) as Koffi & { default?: Koffi };
    koffi = loaded.default ?? loaded;
    return bind(koffi);
  } catch (cause) {
    throw new DisconnectError(
      'unsupported',
      "Windows' own library for terminal sessions cannot be used here",
      {
        next: 'on Windows, install koffi beside this package; elsewhere, give --user-name: SMB is used then',
        cause,
      },
    );
  }
}

function bind(koffi: Koffi): WtsLibrary {
  const wts = koffi.load('wtsapi32.dll');
  const kernel = koffi.load('kernel32.dll');
  const info = koffi.struct({
    ExecEnvId: 'uint32',
    State: 'int32',
    SessionId: 'uint32',
    pSessionName: 'str16',
    pHostName: 'str16',
    pUserName: 'str16',
    pDomainName: 'str16',
    pFarmName: 'str16',
  });
  const declare = (name: string, result: string, parameters: string[]) =>
    wts.func('__stdcall', name, result, parameters);
  const open = declare('WTSOpenServerExW', 'void *', ['str16']);
  const close = declare('WTSCloseServer', 'void', ['void *']);
  const enumerate = declare('WTSEnumerateSessionsExW', 'bool', [
    'void *',
    '_Inout_ uint32 *',
    'uint32',
    '_Out_ void **',
    '_Out_ uint32 *',
  ]);
  const freeEx = declare('WTSFreeMemoryExW', 'bool', ['int', 'void *', 'uint32']);
  const free = declare('WTSFreeMemory', 'void', ['void *']);
  const query = declare('WTSQuerySessionInformationW', 'bool', [
    'void *',
    'uint32',
    'int',
    '_Out_ void **',
    '_Out_ uint32 *',
  ]);
  const disconnect = declare('WTSDisconnectSession', 'bool', ['void *', 'uint32', 'bool']);
  const logOff = declare('WTSLogoffSession', 'bool', ['void *', 'uint32', 'bool']);
  const send = declare('WTSSendMessageW', 'bool', [
    'void *',
    'uint32',
    'str16',
    'uint32',
    'str16',
    'uint32',
    'uint32',
    'uint32',
    '_Out_ uint32 *',
    'bool',
  ]);
  const lastError = kernel.func('__stdcall', 'GetLastError', 'uint32', []) as () => number;

  type DllFunction = typeof open;
  /** Calls block, so they are made on another thread; why one failed is known only to the thread that asks at once. */
  async function call(native: DllFunction, ...values: unknown[]): Promise<number> {
    const isDone = await new Promise<boolean>((resolve, reject) => {
      native.async(...values, (error: Error | null, result: boolean) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
    if (isDone || (native(...values) as boolean)) return 0;
    return lastError();
  }

  return {
    openServer: async (name) => open(name) as Pointer,
    closeServer: (server) => void close(server),
    sessions: async (server) => {
      const [rows, count]: [Pointer[], number[]] = [[null], [0]];
      const error = await call(enumerate, server, [1], 0, rows, count);
      if (error !== 0) throw new TerminalError('WTSEnumerateSessionsEx', 0x80070000 | error);
      const [first = null] = rows;
      const listed = koffi.decode(first, info, count[0] ?? 0) as WtsSession[];
      freeEx(SESSION_INFO_CLASS, first, count[0] ?? 0);
      return listed;
    },
    query: async (server, id, kind) => {
      const [buffer, length]: [Pointer[], number[]] = [[null], [0]];
      if ((await call(query, server, id, kind, buffer, length)) !== 0) return undefined;
      const [address = null] = buffer;
      const octets = Uint8Array.from(koffi.decode(address, 'uint8', length[0] ?? 0) as number[]);
      free(address);
      return octets;
    },
    disconnect: (server, id) => call(disconnect, server, id, true),
    logOff: (server, id) => call(logOff, server, id, false),
    sendMessage: async (server, id, { title, text, style, timeout, waits }) => {
      const answer = [0];
      const lengths = [title.length * 2, text.length * 2] as const;
      const values = [server, id, title, lengths[0], text, lengths[1], style, timeout, answer, waits];
      const error = await call(send, ...values);
      return error === 0 ? (answer[0] ?? 0) : -error;
    },
  };
}
