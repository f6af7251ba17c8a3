import {
  boolean32,
  conformantArray,
  conformantOctets,
  contextHandle,
  defineInterface,
  guid,
  i32,
  operation,
  struct,
  u32,
  union,
  unique,
  wideCharacters,
  wideString,
} from '@slipline/msrpc';

/** WINSTATIONSTATECLASS (MS-TSTS 2.2.1.9): a state is its index. */
export const SESSION_STATES = [
  'Active',
  'Connected',
  'ConnectQuery',
  'Shadow',
  'Disconnected',
  'Idle',
  'Listen',
  'Reset',
  'Down',
  'Init',
] as const;

/** With its NUL. */
const NAME = wideCharacters(33);

/** A level, and again as the discriminant of the structure it selects. */
function levels<A extends Parameters<typeof union>[1]>(arms: A) {
  return struct({ level: u32, data: union(u32, arms) });
}

const ENUM_LEVEL_1 = { sessionId: i32, state: i32, name: NAME };
const ENUM_LEVEL_2 = { ...ENUM_LEVEL_1, source: u32, fullDesktop: boolean32, sessionType: guid };
const SESSIONENUM = levels({ 1: struct(ENUM_LEVEL_1), 2: struct(ENUM_LEVEL_2) });
const SESSIONENUM_EX = levels({
  1: struct(ENUM_LEVEL_1),
  2: struct(ENUM_LEVEL_2),
  3: struct({ ...ENUM_LEVEL_2, protocolDataSize: u32, protocolData: unique(conformantOctets) }),
});

/** MS-TSTS 2.2.2.6: the second level is all that WTS_SESSION_INFO_1 has. */
const EXECENVDATA = levels({
  1: struct({ execEnvId: i32, state: i32, sessionName: NAME }),
  2: struct({
    execEnvId: i32,
    state: i32,
    sessionName: NAME,
    absSessionId: i32,
    hostName: NAME,
    userName: NAME,
    domainName: NAME,
    farmName: NAME,
  }),
});
const EXECENVDATAEX = levels({
  1: struct({
    execEnvId: i32,
    state: i32,
    absSessionId: i32,
    sessionName: unique(wideString),
    hostName: unique(wideString),
    userName: unique(wideString),
    domainName: unique(wideString),
    farmName: unique(wideString),
  }),
});

/** TermSrvEnumeration (MS-TSTS 3.3.4.3), pipe LSM_API_service. */
export const TERMSRV_ENUMERATION = defineInterface({
  name: 'TermSrvEnumeration',
  uuid: '88143fd0-c28d-4b2b-8fef-8d882f6a9390',
  version: [1, 0],
  operations: {
    RpcOpenEnum: operation(0, {}, { handle: contextHandle, hresult: i32 }),
    RpcCloseEnum: operation(1, { handle: contextHandle }, { handle: contextHandle, hresult: i32 }),
    RpcFilterByState: operation(
      2,
      { handle: contextHandle, state: i32, invert: boolean32 },
      { hresult: i32 },
    ),
    RpcFilterByCallersName: operation(3, { handle: contextHandle }, { hresult: i32 }),
    RpcGetEnumResult: operation(
      5,
      { handle: contextHandle, level: u32 },
      { sessions: unique(conformantArray(SESSIONENUM)), entries: u32, hresult: i32 },
    ),
    RpcGetEnumResultEx: operation(
      9,
      { handle: contextHandle, level: u32 },
      { sessions: unique(conformantArray(SESSIONENUM_EX)), entries: u32, hresult: i32 },
    ),
    /** Windows 7 and Server 2008 R2 on; `level` 1 or 2. */
    RpcGetAllSessions: operation(
      10,
      { level: u32 },
      { level: u32, sessions: unique(conformantArray(EXECENVDATA)), entries: u32, hresult: i32 },
    ),
    /** Windows 8 on; `level` 1. Names are not cut off at 32 characters. */
    RpcGetAllSessionsEx: operation(
      11,
      { level: u32 },
      { sessions: unique(conformantArray(EXECENVDATAEX)), entries: u32, hresult: i32 },
    ),
  },
});
