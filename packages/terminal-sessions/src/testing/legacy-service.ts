import { ByteWriter, type ByteReader, type RpcCall, type RpcService } from '@slipline/msrpc/testing';
import type { Desktops, Right } from './desktops.ts';
import { CLOSED_HANDLE, end, Handles } from './stubs.ts';

const NTSTATUS = { ok: 0, accessDenied: 0xc0000022, stationNotFound: 0xc00a0015 } as const;

/** LegacyApi (MS-TSTS 3.7.4.1). */
export function legacyService(desktops: Desktops): RpcService {
  const servers = new Handles<null>();

  function change(what: Extract<Right, 'disconnect' | 'logoff'>) {
    return (stub: ByteReader, call: RpcCall): Uint8Array => {
      servers.read(stub, call);
      const desktop = desktops.read(stub.u32());
      stub.u8();
      end(stub);
      desktops.changeRequests++;
      if (desktop === undefined) return result(NTSTATUS.stationNotFound);
      if (!desktops.may(call.userName, what, desktop)) return result(NTSTATUS.accessDenied);
      desktops.ask(what, desktop.id);
      return result(NTSTATUS.ok);
    };
  }

  return {
    name: 'LegacyApi',
    uuid: '5ca4a760-ebb1-11cf-8611-00a0245420ed',
    version: [1, 0],
    operations: {
      0: (stub, call) => {
        end(stub);
        return new ByteWriter().u32(NTSTATUS.ok).bytes(servers.open(null, call)).u8(1).done();
      },
      1: (stub, call) => {
        servers.close(stub, call);
        end(stub);
        return result(NTSTATUS.ok);
      },
      13: change('disconnect'),
      14: change('logoff'),
      60: (stub, call) => {
        servers.close(stub, call);
        end(stub);
        return new ByteWriter().bytes(CLOSED_HANDLE).u32(NTSTATUS.ok).u8(1).done();
      },
    },
  };
}

function result(status: number): Uint8Array {
  return new ByteWriter()
    .u32(status)
    .u8(status === NTSTATUS.ok ? 1 : 0)
    .done();
}
