import { isIPv6 } from 'node:net';
import { ByteWriter, type RpcService } from '@slipline/msrpc/testing';
import type { Desktop, Desktops } from './desktops.ts';
import { end, HRESULT, referent } from './stubs.ts';

const BLOB = 2296;

/** RCMPublic (MS-TSTS 3.5.4.1), behind a pipe of its own. */
export function clientService(desktops: Desktops): RpcService {
  return {
    name: 'RCMPublic',
    uuid: 'bde95fdf-eee0-45de-9e12-e5a61cd0d4fe',
    version: [1, 0],
    operations: {
      0: (stub, call) => {
        const desktop = desktops.get(stub.u32());
        end(stub);
        if (desktop === undefined) return nothing(HRESULT.notFound);
        if (!desktops.may(call.userName, 'query', desktop)) return nothing(HRESULT.accessDenied);
        const blob = clientBlob(desktop);
        if (blob === undefined) return nothing(HRESULT.wrongState);
        return new ByteWriter()
          .u32(referent())
          .u32(BLOB)
          .bytes(blob)
          .align(4)
          .u32(BLOB)
          .u32(HRESULT.ok)
          .done();
      },
      3: (stub, call) => {
        const desktop = desktops.get(stub.u32());
        end(stub);
        const isAllowed = desktop !== undefined && desktops.may(call.userName, 'query', desktop);
        const status = desktop === undefined ? HRESULT.notFound : HRESULT.accessDenied;
        return new ByteWriter()
          .u64(isAllowed ? desktop.lastInputTime : 0n)
          .u32(isAllowed ? HRESULT.ok : status)
          .done();
      },
    },
  };
}

function nothing(hresult: number): Uint8Array {
  return new ByteWriter().u32(0).u32(0).u32(hresult).done();
}

/** WINSTATIONCLIENT (MS-TSTS 6.5). */
function clientBlob({ client, domain, userName, state }: Desktop): Buffer | undefined {
  if (client === undefined || state === 'Disconnected') return undefined;
  const zone = (writer: ByteWriter): ByteWriter =>
    writer.u32(0).fixedText('UTC', 32).zeros(16).u32(0).fixedText('UTC', 32).zeros(16).u32(0);
  const writer = new ByteWriter()
    .u32(0)
    .fixedText(client.name, 21)
    .fixedText(domain, 18)
    .fixedText(userName, 21)
    .fixedText('', 15)
    .fixedText('', 257)
    .fixedText('', 257)
    .align(4, 0)
    .u32(0)
    .u8(4)
    .align(4, 0)
    .u32(isIPv6(client.address) ? 23 : 2)
    .fixedText(client.address, 31)
    .u16(1920)
    .u16(1080)
    .u16(32)
    .u16(2)
    .align(4, 0)
    .u32(1033)
    .u32(4)
    .u32(0)
    .u32(12)
    .fixedText('', 33)
    .fixedText('C:\\Windows\\System32\\mstscax.dll', 257)
    .fixedText('', 33)
    .fixedText('', 41)
    .align(4, 0)
    .u32(26100)
    .u32(0)
    .u16(1)
    .zeros(6)
    .fixedText('', 9)
    .align(4, 0);
  return zone(writer).align(4, 0).u32(0).fixedText('', 32).u32(0).u32(1033).done();
}
