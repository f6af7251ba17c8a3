import {
  ByteWriter,
  FAULT,
  RpcFault,
  type ByteReader,
  type RpcCall,
  type RpcService,
} from '@slipline/msrpc/testing';
import { STATES, type Desktop, type Desktops, type Right } from './desktops.ts';
import { CLOSED_HANDLE, end, Handles, HRESULT, readText, referent, writeText } from './stubs.ts';

const ASYNCHRONOUS = 32_001;
const TIMED_OUT = 32_000;
const UNLOCKED = 1;

/** TermSrvSession (MS-TSTS 3.3.4.1). */
export function sessionService(desktops: Desktops): RpcService {
  const sessions = new Handles<number>();

  /** The session of a handle, or the HRESULT that stands for why there is none. */
  function asked(stub: ByteReader, call: RpcCall, right: Right): Desktop | number {
    const desktop = desktops.read(sessions.read(stub, call));
    if (desktop === undefined) return HRESULT.notFound;
    return desktops.may(call.userName, right, desktop) ? desktop : HRESULT.accessDenied;
  }

  function change(what: 'disconnect' | 'logoff') {
    return (stub: ByteReader, call: RpcCall): Uint8Array => {
      desktops.changeRequests++;
      const desktop = asked(stub, call, what);
      end(stub);
      if (typeof desktop === 'number') return result(desktop);
      if (what === 'disconnect' && desktop.state === 'Disconnected') return result(HRESULT.nothingChanged);
      desktops.ask(what, desktop.id);
      return result(HRESULT.ok);
    };
  }

  function query(write: (desktop: Desktop, writer: ByteWriter) => ByteWriter, empty: () => ByteWriter) {
    return (stub: ByteReader, call: RpcCall): Uint8Array => {
      const desktop = asked(stub, call, 'query');
      end(stub);
      return typeof desktop === 'number'
        ? empty().u32(desktop).done()
        : write(desktop, new ByteWriter()).align(4).u32(HRESULT.ok).done();
    };
  }

  return {
    name: 'TermSrvSession',
    uuid: '484809d6-4239-471b-b5bc-61df8c23ac48',
    version: [1, 0],
    operations: {
      0: (stub, call) => {
        const id = stub.i32();
        end(stub);
        const desktop = desktops.read(id);
        if (desktop === undefined) return new ByteWriter().bytes(CLOSED_HANDLE).u32(HRESULT.notFound).done();
        return new ByteWriter().bytes(sessions.open(id, call)).u32(HRESULT.ok).done();
      },
      1: (stub, call) => {
        sessions.close(stub, call);
        end(stub);
        return new ByteWriter().bytes(CLOSED_HANDLE).u32(HRESULT.ok).done();
      },
      3: change('disconnect'),
      4: change('logoff'),
      5: query(
        ({ userName, domain }, writer) => {
          writeText(writer.u32(referent()), userName).align(4);
          return writeText(writer.u32(referent()), domain);
        },
        () => new ByteWriter().u32(0).u32(0),
      ),
      6: query(
        ({ station }, writer) => writeText(writer.u32(referent()), station),
        () => new ByteWriter().u32(0),
      ),
      7: query(
        ({ state }, writer) => writer.u32(STATES.indexOf(state)),
        () => new ByteWriter().u32(0),
      ),
      8: (stub, call) => {
        const desktop = asked(stub, call, 'query');
        end(stub);
        if (typeof desktop === 'number') return result(desktop);
        return result(desktop.isLocked ? HRESULT.ok : HRESULT.nothingChanged);
      },
      9: (stub, call) => showMessage(stub, asked(stub, call, 'message'), desktops),
      10: query(
        ({ connectTime, disconnectTime, logonTime }, writer) =>
          writer.u64(connectTime).u64(disconnectTime).u64(logonTime),
        () => new ByteWriter().zeros(24),
      ),
      17: (stub, call) => {
        const desktop = desktops.read(stub.i32());
        const level = stub.u32();
        end(stub);
        if (level !== 1) throw new RpcFault(FAULT.badStub);
        return information(desktop, desktop !== undefined && desktops.may(call.userName, 'query', desktop));
      },
    },
  };
}

function result(hresult: number): Uint8Array {
  return new ByteWriter().u32(hresult).done();
}

function showMessage(stub: ByteReader, desktop: Desktop | number, desktops: Desktops): Uint8Array {
  const title = readText(stub);
  const text = readText(stub);
  const style = stub.align(4).u32();
  const timeout = stub.u32();
  const doesNotWait = stub.u32() !== 0;
  end(stub);
  if (typeof desktop === 'number') return new ByteWriter().u32(0).u32(desktop).done();
  desktop.messages.push({ title, text, style, timeout });
  desktops.changes.push(`message ${desktop.id}`);
  const answer = doesNotWait ? ASYNCHRONOUS : (desktop.answer ?? TIMED_OUT);
  return new ByteWriter().u32(answer).u32(HRESULT.ok).done();
}

/** RpcGetSessionInformationEx, level 1: names are cut to what their fields hold. */
function information(desktop: Desktop | undefined, isAllowed: boolean): Uint8Array {
  const writer = new ByteWriter().u32(1).u32(1);
  if (desktop === undefined || !isAllowed)
    return writer
      .zeros(192)
      .u32(desktop === undefined ? HRESULT.notFound : HRESULT.accessDenied)
      .done();
  const { state, isLocked, station, domain, userName } = desktop;
  return writer
    .u32(STATES.indexOf(state))
    .u32(isLocked ? 0 : UNLOCKED)
    .fixedText(station, 33)
    .fixedText(domain, 18)
    .fixedText(userName, 21)
    .align(8)
    .u64(desktop.connectTime)
    .u64(desktop.disconnectTime)
    .u64(desktop.logonTime)
    .u64(desktop.lastInputTime)
    .u32(0)
    .u32(0)
    .u32(HRESULT.ok)
    .done();
}
