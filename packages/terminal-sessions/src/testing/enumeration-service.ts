import { ByteWriter, FAULT, RpcFault, type RpcCall, type RpcService } from '@slipline/msrpc/testing';
import { STATES, type Desktop, type Desktops } from './desktops.ts';
import { CLOSED_HANDLE, end, Handles, HRESULT, referent, writeText } from './stubs.ts';

const SERVICES_TYPE = Buffer.from('7d76f5883fd14d40a3488b8e030294a9', 'hex');
const DESKTOP_TYPE = Buffer.from('f84b0a0f62835d43938c222a518a8b78', 'hex');

/** TermSrvEnumeration (MS-TSTS 3.3.4.3). */
export function enumerationService(desktops: Desktops): RpcService {
  const enumerations = new Handles<{ filter: (desktop: Desktop) => boolean }>();
  const visible = ({ userName }: RpcCall): readonly Desktop[] =>
    desktops.all().flatMap((desktop) => {
      const now = desktops.read(desktop.id);
      return now !== undefined && desktops.may(userName, 'query', now) ? [now] : [];
    });
  return {
    name: 'TermSrvEnumeration',
    uuid: '88143fd0-c28d-4b2b-8fef-8d882f6a9390',
    version: [1, 0],
    operations: {
      0: (stub, call) => {
        end(stub);
        const handle = enumerations.open({ filter: () => true }, call);
        return new ByteWriter().bytes(handle).u32(HRESULT.ok).done();
      },
      1: (stub, call) => {
        enumerations.close(stub, call);
        end(stub);
        return new ByteWriter().bytes(CLOSED_HANDLE).u32(HRESULT.ok).done();
      },
      2: (stub, call) => {
        const enumeration = enumerations.read(stub, call);
        const state = stub.i32();
        const isInverted = stub.u32() !== 0;
        end(stub);
        enumeration.filter = (desktop) => (STATES.indexOf(desktop.state) === state) !== isInverted;
        return new ByteWriter().u32(HRESULT.ok).done();
      },
      3: (stub, call) => {
        const enumeration = enumerations.read(stub, call);
        end(stub);
        enumeration.filter = ({ userName }) => userName.toLowerCase() === call.userName.toLowerCase();
        return new ByteWriter().u32(HRESULT.ok).done();
      },
      5: (stub, call) => {
        const { filter } = enumerations.read(stub, call);
        const level = stub.u32();
        end(stub);
        if (level !== 1 && level !== 2) throw new RpcFault(FAULT.badStub);
        return enumResult(visible(call).filter(filter), level);
      },
      10: (stub, call) => {
        const level = stub.u32();
        end(stub);
        if (level !== 1 && level !== 2) throw new RpcFault(FAULT.badStub);
        return allSessions(visible(call), level);
      },
      11: (stub, call) => {
        const level = stub.u32();
        end(stub);
        if (level !== 1) throw new RpcFault(FAULT.badStub);
        return allSessionsEx(visible(call));
      },
    },
  };
}

function enumResult(desktops: readonly Desktop[], level: number): Uint8Array {
  const writer = new ByteWriter().u32(referent()).u32(desktops.length);
  for (const { id, state, station } of desktops) {
    writer.align(4).u32(level).u32(level).u32(id).u32(STATES.indexOf(state)).fixedText(station, 33);
    if (level === 2)
      writer
        .align(4)
        .u32(0)
        .u32(1)
        .bytes(id === 0 ? SERVICES_TYPE : DESKTOP_TYPE);
  }
  return writer.align(4).u32(desktops.length).u32(HRESULT.ok).done();
}

function allSessions(desktops: readonly Desktop[], level: number): Uint8Array {
  const writer = new ByteWriter().u32(level).u32(referent()).u32(desktops.length);
  for (const { id, state, station, userName, domain } of desktops) {
    writer.align(4).u32(level).u32(level).u32(id).u32(STATES.indexOf(state)).fixedText(station, 33);
    if (level === 1) continue;
    writer.align(4).u32(id).fixedText('', 33).fixedText(userName, 33).fixedText(domain, 33).fixedText('', 33);
  }
  return writer.align(4).u32(desktops.length).u32(HRESULT.ok).done();
}

/** The strings follow all entries, in their order; nothing is cut. */
function allSessionsEx(desktops: readonly Desktop[]): Uint8Array {
  const writer = new ByteWriter().u32(referent()).u32(desktops.length);
  const texts: string[] = [];
  const point = (text: string | undefined): void => {
    writer.u32(text === undefined ? 0 : referent());
    if (text !== undefined) texts.push(text);
  };
  for (const { id, state, station, userName, domain } of desktops) {
    writer.u32(1).u32(1).u32(id).u32(STATES.indexOf(state)).u32(id);
    for (const text of [station, undefined, userName || undefined, domain || undefined, undefined])
      point(text);
  }
  for (const text of texts) writeText(writer, text, 257);
  return writer.align(4).u32(desktops.length).u32(HRESULT.ok).done();
}
