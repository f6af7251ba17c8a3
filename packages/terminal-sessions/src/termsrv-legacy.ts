import { boolean8, contextHandle, defineInterface, operation, u32 } from '@slipline/msrpc';

const WINSTATION = { handle: contextHandle, logonId: u32, wait: boolean8 };

/**
 * LegacyApi, also called IcaApi (MS-TSTS 3.7.4.1), pipe Ctx_WinStation_API_service: what servers before 2008 have.
 * Where `success` is false, `result` is an NTSTATUS or HRESULT.
 */
export const LEGACY_API = defineInterface({
  name: 'LegacyApi',
  uuid: '5ca4a760-ebb1-11cf-8611-00a0245420ed',
  version: [1, 0],
  operations: {
    RpcWinStationOpenServer: operation(0, {}, { result: u32, handle: contextHandle, success: boolean8 }),
    RpcWinStationCloseServer: operation(1, { handle: contextHandle }, { result: u32, success: boolean8 }),
    RpcWinStationDisconnect: operation(13, WINSTATION, { result: u32, success: boolean8 }),
    RpcWinStationReset: operation(14, WINSTATION, { result: u32, success: boolean8 }),
    RpcWinStationCloseServerEx: operation(
      60,
      { handle: contextHandle },
      { handle: contextHandle, result: u32, success: boolean8 },
    ),
  },
});
