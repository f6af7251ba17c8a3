import { MsrpcError, type RpcConnection } from '@slipline/msrpc';
import type { PipeKind, SmbHost } from './smb-host.ts';
import {
  TerminalError,
  type Changed,
  type ClientFacts,
  type DesktopEntry,
  type DesktopFacts,
  type DesktopMessage,
  type DesktopState,
  type TerminalClient,
} from './terminal-client.ts';
import { RCM_PUBLIC, readClientData } from './termsrv-client-data.ts';
import { SESSION_STATES, TERMSRV_ENUMERATION } from './termsrv-enumeration.ts';
import { TERMSRV_SESSION } from './termsrv-session.ts';

const SESSIONS: PipeKind = { name: 'LSM_API_service', interfaces: [TERMSRV_ENUMERATION, TERMSRV_SESSION] };
const CLIENTS: PipeKind = { name: 'TermSrv_API_service', interfaces: [RCM_PUBLIC] };

const NOTHING_CHANGED = 1;
/** ERROR_FILE_NOT_FOUND and ERROR_CTX_WINSTATION_NOT_FOUND, as HRESULTs. */
const GONE: ReadonlySet<number> = new Set([0x80070002, 0x80071b6e]);
/** Hosts that keep clients to themselves, or have Remote Desktop switched off. */
const UNTOLD: ReadonlySet<string> = new Set([
  'pipe-absent',
  'interface-absent',
  'operation-absent',
  'access-denied',
  'fault',
]);

/** Terminal services over SMB and RPC: one method per operation of MS-TSTS. The only file that knows the wire. */
export class TerminalSessionsClient implements TerminalClient {
  readonly #host: SmbHost;

  constructor(host: SmbHost) {
    this.#host = host;
  }

  list(signal: AbortSignal): Promise<readonly DesktopEntry[]> {
    return this.#host.over(SESSIONS, signal, async (rpc) => {
      const answer = await rpc.call(TERMSRV_ENUMERATION, 'RpcGetAllSessions', { level: 2 }, { signal });
      succeed('RpcGetAllSessions', answer.hresult);
      const sessions = answer.sessions ?? [];
      if (sessions.length !== answer.entries)
        throw new MsrpcError('bad-answer', 'a list says two things about its length');
      return sessions.flatMap(({ data }) => {
        if (data.kind !== 2) return [];
        const { absSessionId, state, sessionName, userName, domainName } = data.value;
        return [{ id: absSessionId, state: stateOf(state), sessionName, userName, domainName }];
      });
    });
  }

  facts(id: number, signal: AbortSignal): Promise<DesktopFacts | undefined> {
    return this.#host.over(SESSIONS, signal, async (rpc) => {
      const request = { sessionId: id, level: 1 };
      const answer = await rpc.call(TERMSRV_SESSION, 'RpcGetSessionInformationEx', request, { signal });
      if (isGone(answer.hresult)) return undefined;
      succeed('RpcGetSessionInformationEx', answer.hresult);
      const told = answer.information.data.value;
      const { sessionName, userName, domainName, logonTime, connectTime, disconnectTime, lastInputTime } =
        told;
      return {
        state: stateOf(told.state),
        sessionName,
        userName,
        domainName,
        isLocked: LOCKED[told.sessionFlags],
        logonTime,
        connectTime,
        disconnectTime,
        lastInputTime,
      };
    });
  }

  client(id: number, signal: AbortSignal): Promise<ClientFacts | undefined> {
    return this.#told(signal, async (rpc) => {
      const { data, hresult } = await rpc.call(RCM_PUBLIC, 'RpcGetClientData', { sessionId: id }, { signal });
      if (hresult < 0 || data === null || data.length === 0) return undefined;
      const told = readClientData(data);
      const { clientName, clientAddress, colorDepth, clientBuildNumber, encryptionLevel } = told;
      return {
        clientName,
        clientAddress,
        horizontalResolution: told.hRes,
        verticalResolution: told.vRes,
        colorDepth,
        clientBuildNumber,
        encryptionLevel,
      };
    });
  }

  lastInputTime(id: number, signal: AbortSignal): Promise<bigint | undefined> {
    return this.#told(signal, async (rpc) => {
      const request = { sessionId: id };
      const answer = await rpc.call(RCM_PUBLIC, 'RpcGetLastInputTime', request, { signal });
      return answer.hresult < 0 ? undefined : answer.lastInputTime;
    });
  }

  disconnect(id: number, signal: AbortSignal): Promise<Changed> {
    return this.#change('RpcDisconnect', id, signal);
  }

  logOff(id: number, signal: AbortSignal): Promise<Changed> {
    return this.#change('RpcLogoff', id, signal);
  }

  showMessage(id: number, message: DesktopMessage, signal: AbortSignal): Promise<number | undefined> {
    const { title, text, style, timeout, waits } = message;
    return this.#within(id, signal, async (rpc, handle) => {
      const request = { handle, title, message: text, style, timeout, doNotWait: !waits };
      const patience = { signal, timeout: (timeout + 30) * 1000 };
      const answer = await rpc.call(TERMSRV_SESSION, 'RpcShowMessageBox', request, patience);
      if (isGone(answer.hresult)) return undefined;
      succeed('RpcShowMessageBox', answer.hresult);
      return answer.response;
    });
  }

  async #change(name: 'RpcDisconnect' | 'RpcLogoff', id: number, signal: AbortSignal): Promise<Changed> {
    const changed = await this.#within(id, signal, async (rpc, handle): Promise<Changed> => {
      const { hresult } = await rpc.call(TERMSRV_SESSION, name, { handle }, { signal });
      if (isGone(hresult)) return 'gone';
      succeed(name, hresult);
      return name === 'RpcDisconnect' && hresult === NOTHING_CHANGED ? 'unchanged' : 'done';
    });
    return changed ?? 'gone';
  }

  /** Nothing where there is no such session. */
  #within<T>(
    id: number,
    signal: AbortSignal,
    work: (rpc: RpcConnection, handle: Uint8Array) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#host.over(SESSIONS, signal, async (rpc, giveUp) => {
      const opened = await rpc.call(TERMSRV_SESSION, 'RpcOpenSession', { sessionId: id }, { signal });
      if (isGone(opened.hresult)) return undefined;
      succeed('RpcOpenSession', opened.hresult);
      const { handle } = opened;
      try {
        return await work(rpc, handle);
      } finally {
        // What was done stands, whether or not the handle can be given back.
        await rpc.call(TERMSRV_SESSION, 'RpcCloseSession', { handle }, { signal }).catch(giveUp);
      }
    });
  }

  /** What hosts may keep to themselves. */
  async #told<T>(signal: AbortSignal, work: (rpc: RpcConnection) => Promise<T>): Promise<T | undefined> {
    if (this.#host.isWithout(CLIENTS)) return undefined;
    try {
      return await this.#host.over(CLIENTS, signal, work);
    } catch (error) {
      if (!MsrpcError.is(error) || !UNTOLD.has(error.code)) throw error;
      this.#host.doWithout(CLIENTS);
      return undefined;
    }
  }
}

const LOCKED: Readonly<Record<number, boolean>> = { 0: true, 1: false };

function stateOf(state: number): DesktopState {
  return SESSION_STATES[state] ?? 'Down';
}

function isGone(hresult: number): boolean {
  return GONE.has(hresult >>> 0);
}

/** Negative is failure; zero and positive are success, and mean different things. */
function succeed(operation: string, hresult: number): void {
  if (hresult < 0) throw new TerminalError(operation, hresult);
}
