import type { HostAddress } from './host-address.ts';
import { STATES } from './plugin.ts';
import {
  TerminalError,
  type Changed,
  type ClientFacts,
  type DesktopEntry,
  type DesktopFacts,
  type DesktopMessage,
  type TerminalClient,
} from './terminal-client.ts';
import { loadWts, type Pointer, type WtsLibrary } from './wts-library.ts';

/** WTS_INFO_CLASS. */
const CLIENT_INFO = 23;
const SESSION_INFO = 24;
/** ERROR_FILE_NOT_FOUND, ERROR_CTX_WINSTATION_NOT_FOUND. */
const GONE: ReadonlySet<number> = new Set([2, 7022]);

export async function openWts({ host }: HostAddress, load = loadWts): Promise<WtsClient> {
  const library = await load();
  return new WtsClient(library, await library.openServer(host));
}

/** Terminal services through Windows itself, as whoever runs this program. */
export class WtsClient implements TerminalClient, AsyncDisposable {
  readonly #library: WtsLibrary;
  readonly #server: Pointer;

  constructor(library: WtsLibrary, server: Pointer) {
    this.#library = library;
    this.#server = server;
  }

  async list(signal: AbortSignal): Promise<readonly DesktopEntry[]> {
    signal.throwIfAborted();
    const rows = await this.#library.sessions(this.#server);
    return rows.map(({ SessionId, State, pSessionName, pUserName, pDomainName }) => ({
      id: SessionId,
      state: STATES[State] ?? 'Down',
      sessionName: pSessionName ?? '',
      userName: pUserName ?? '',
      domainName: pDomainName ?? '',
    }));
  }

  async facts(id: number, signal: AbortSignal): Promise<DesktopFacts | undefined> {
    signal.throwIfAborted();
    const octets = await this.#library.query(this.#server, id, SESSION_INFO);
    return octets === undefined ? undefined : readSessionInfo(octets);
  }

  async client(id: number, signal: AbortSignal): Promise<ClientFacts | undefined> {
    signal.throwIfAborted();
    const octets = await this.#library.query(this.#server, id, CLIENT_INFO);
    return octets === undefined ? undefined : readClientInfo(octets);
  }

  async lastInputTime(): Promise<undefined> {
    return undefined;
  }

  async disconnect(id: number, signal: AbortSignal): Promise<Changed> {
    signal.throwIfAborted();
    return changed('WTSDisconnectSession', await this.#library.disconnect(this.#server, id));
  }

  async logOff(id: number, signal: AbortSignal): Promise<Changed> {
    signal.throwIfAborted();
    return changed('WTSLogoffSession', await this.#library.logOff(this.#server, id));
  }

  async showMessage(id: number, message: DesktopMessage, signal: AbortSignal): Promise<number | undefined> {
    signal.throwIfAborted();
    const answer = await this.#library.sendMessage(this.#server, id, message);
    if (answer >= 0) return answer;
    return changed('WTSSendMessage', -answer) === 'gone' ? undefined : answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#library.closeServer(this.#server);
  }
}

function changed(operation: string, error: number): Changed {
  if (error === 0) return 'done';
  if (GONE.has(error)) return 'gone';
  throw new TerminalError(operation, 0x80070000 | error);
}

/** WTSINFOW; a session that has ended has no user any more. */
function readSessionInfo(octets: Uint8Array): DesktopFacts | undefined {
  const bytes = view(octets, 216);
  if (bytes === undefined) return undefined;
  const state = STATES[bytes.readInt32LE(0)] ?? 'Down';
  return {
    state,
    sessionName: text(bytes, 32, 32),
    domainName: text(bytes, 96, 17),
    userName: text(bytes, 130, 21),
    isLocked: undefined,
    connectTime: bytes.readBigInt64LE(176),
    disconnectTime: bytes.readBigInt64LE(184),
    lastInputTime: bytes.readBigInt64LE(192),
    logonTime: bytes.readBigInt64LE(200),
  };
}

/** WTSCLIENTW, as far as it is of use. */
function readClientInfo(octets: Uint8Array): ClientFacts | undefined {
  const bytes = view(octets, 1772);
  if (bytes === undefined) return undefined;
  return {
    clientName: text(bytes, 0, 21),
    encryptionLevel: bytes.readUInt8(1170),
    clientAddress: text(bytes, 1176, 31),
    horizontalResolution: bytes.readUInt16LE(1238),
    verticalResolution: bytes.readUInt16LE(1240),
    colorDepth: bytes.readUInt16LE(1242),
    clientBuildNumber: bytes.readUInt32LE(1768),
  };
}

function view(octets: Uint8Array, least: number): Buffer | undefined {
  return octets.length < least ? undefined : Buffer.from(octets.buffer, octets.byteOffset, octets.length);
}

/** `WCHAR[size]` up to its terminator. */
function text(bytes: Buffer, at: number, size: number): string {
  return bytes.toString('utf16le', at, at + size * 2).split('\0', 1)[0] ?? '';
}
