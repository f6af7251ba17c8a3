import {
  conformantOctets,
  decodeStub,
  defineInterface,
  fixedArray,
  i32,
  i64,
  octets,
  operation,
  struct,
  u16,
  u32,
  u8,
  union,
  unique,
  unread,
  wideCharacters,
  type ValuesOf,
} from '@slipline/msrpc';

const FAMILY = { INET: 2, INET6: 23 } as const;

/** The first octet of the address is the lowest of the integer. */
const IPV4 = struct({ port: u16, address: u32, zero: octets(8) });
const IPV6 = struct({ port: u16, flowInfo: u32, address: fixedArray(u16, 8), scopeId: u32 });

/** RCMPublic (MS-TSTS 3.5.4.1), pipe TermSrv_API_service, which is there only while Remote Desktop is on. */
export const RCM_PUBLIC = defineInterface({
  name: 'RCMPublic',
  uuid: 'bde95fdf-eee0-45de-9e12-e5a61cd0d4fe',
  version: [1, 0],
  operations: {
    /** Nothing, and a failure, where nobody is connected. `data` is read with `readClientData`. */
    RpcGetClientData: operation(
      0,
      { sessionId: u32 },
      { data: unique(conformantOctets), length: u32, hresult: i32 },
    ),
    RpcGetLastInputTime: operation(3, { sessionId: u32 }, { lastInputTime: i64, hresult: i32 }),
    RpcGetRemoteAddress: operation(
      4,
      { sessionId: u32 },
      {
        address: struct({ family: u16, data: union(u16, { [FAMILY.INET]: IPV4, [FAMILY.INET6]: IPV6 }) }),
        hresult: i32,
      },
    ),
  },
});

/** WINSTATIONCLIENT (MS-TSTS 6.5) as far as it is of use: a C structure, which NDR's alignment fits. */
const WINSTATIONCLIENT = {
  flags: u32,
  clientName: wideCharacters(21),
  domain: wideCharacters(18),
  userName: wideCharacters(21),
  password: unread(15 * 2),
  workDirectory: wideCharacters(257),
  initialProgram: wideCharacters(257),
  serialNumber: u32,
  encryptionLevel: u8,
  clientAddressFamily: u32,
  clientAddress: wideCharacters(31),
  hRes: u16,
  vRes: u16,
  colorDepth: u16,
  protocolType: u16,
  keyboardLayout: u32,
  keyboardType: u32,
  keyboardSubType: u32,
  keyboardFunctionKey: u32,
  imeFileName: wideCharacters(33),
  clientDirectory: wideCharacters(257),
  clientLicense: wideCharacters(33),
  clientModem: wideCharacters(41),
  clientBuildNumber: u32,
} as const;

export type ClientData = ValuesOf<typeof WINSTATIONCLIENT>;

/** What `RpcGetClientData` tells of whoever is connected. The password in it is read over: `password` is `undefined`. */
export function readClientData(data: Uint8Array): ClientData {
  return decodeStub(WINSTATIONCLIENT, data);
}
