import {
  boolean32,
  conformantOctets,
  contextHandle,
  defineInterface,
  i32,
  i64,
  operation,
  struct,
  u32,
  union,
  unique,
  wideCharacters,
  wideString,
} from '@slipline/msrpc';

/** LSM_SESSIONINFO_EX_LEVEL1 (MS-TSTS 2.2.2.12). Times are FILETIMEs of any value; `lastInputTime` is not always one. */
const SESSIONINFO_EX_LEVEL_1 = struct({
  state: i32,
  /** 0 locked, 1 unlocked, -1 unknown. */
  sessionFlags: i32,
  sessionName: wideCharacters(33),
  domainName: wideCharacters(18),
  userName: wideCharacters(21),
  connectTime: i64,
  disconnectTime: i64,
  logonTime: i64,
  lastInputTime: i64,
  protocolDataSize: u32,
  protocolData: unique(conformantOctets),
});

const HANDLE = { handle: contextHandle };

/** TermSrvSession (MS-TSTS 3.3.4.1), pipe LSM_API_service. */
export const TERMSRV_SESSION = defineInterface({
  name: 'TermSrvSession',
  uuid: '484809d6-4239-471b-b5bc-61df8c23ac48',
  version: [1, 0],
  operations: {
    RpcOpenSession: operation(0, { sessionId: i32 }, { handle: contextHandle, hresult: i32 }),
    RpcCloseSession: operation(1, HANDLE, { handle: contextHandle, hresult: i32 }),
    /** Answers 1 where nobody was connected. */
    RpcDisconnect: operation(3, HANDLE, { hresult: i32 }),
    /** Positive results are successes. */
    RpcLogoff: operation(4, HANDLE, { hresult: i32 }),
    RpcGetUserName: operation(5, HANDLE, {
      userName: unique(wideString),
      domain: unique(wideString),
      hresult: i32,
    }),
    RpcGetTerminalName: operation(6, HANDLE, { terminalName: unique(wideString), hresult: i32 }),
    RpcGetState: operation(7, HANDLE, { state: i32, hresult: i32 }),
    /** 0 is locked. */
    RpcIsSessionDesktopLocked: operation(8, HANDLE, { hresult: i32 }),
    /** `style` as `MessageBox` has it, `timeout` in seconds; answers the button, 32000 for a time-out, 32001 for no wait. */
    RpcShowMessageBox: operation(
      9,
      {
        handle: contextHandle,
        title: wideString,
        message: wideString,
        style: u32,
        timeout: u32,
        doNotWait: boolean32,
      },
      { response: u32, hresult: i32 },
    ),
    RpcGetTimes: operation(10, HANDLE, {
      connectTime: i64,
      disconnectTime: i64,
      logonTime: i64,
      hresult: i32,
    }),
    /** Windows 7 and Server 2008 R2 on; `level` 1. */
    RpcGetSessionInformationEx: operation(
      17,
      { sessionId: i32, level: u32 },
      {
        information: struct({ level: u32, data: union(u32, { 1: SESSIONINFO_EX_LEVEL_1 }) }),
        hresult: i32,
      },
    ),
  },
});

/** TermSrvNotification (MS-TSTS 3.3.4.2), pipe LSM_API_service. */
export const TERMSRV_NOTIFICATION = defineInterface({
  name: 'TermSrvNotification',
  uuid: '11899a43-2b68-4a76-92e3-a3d6ad8c26ce',
  version: [1, 0],
  operations: {
    /** Waits up to `timeout` milliseconds. */
    RpcWaitForSessionState: operation(0, { sessionId: i32, state: i32, timeout: u32 }, { hresult: i32 }),
  },
});
