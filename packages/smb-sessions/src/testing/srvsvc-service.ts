import { ByteWriter, FAULT, RpcFault, type ByteReader, type RpcService } from '@slipline/msrpc/testing';
import type { FileSessions, ServedSession } from './file-sessions.ts';

const STATUS = { ok: 0, accessDenied: 5, invalidParameter: 87, invalidLevel: 124, moreData: 234 } as const;
const NO_SUCH_CLIENT = 2312;
/** What a row counts for against the length that a client prefers. */
const ROW_OCTETS = 256;

/** NetrSessionEnum and NetrSessionDel (MS-SRVS 3.1.4.5, 3.1.4.6). */
export function srvsvcService(sessions: FileSessions): RpcService {
  function enumerate(stub: ByteReader, userName: string): Uint8Array {
    readText(stub);
    const [client, user] = [readText(stub), readText(stub)];
    const level = stub.align(4).u32();
    if (stub.u32() !== level) throw new RpcFault(FAULT.badStub);
    if (stub.u32() !== 0 && (stub.u32(), stub.u32() !== 0)) throw new RpcFault(FAULT.badStub);
    const most = stub.u32();
    const resume = stub.u32() === 0 ? undefined : stub.u32();
    if (stub.left > 0) throw new RpcFault(FAULT.badStub);
    if (!sessions.levels.has(level)) return answer(level, [], 0, resume, STATUS.invalidLevel);
    if (level !== 10 && !sessions.isAdministrator(userName))
      return answer(level, [], 0, resume, STATUS.accessDenied);
    if (client !== undefined && !client.startsWith('\\\\'))
      return answer(level, [], 0, resume, NO_SUCH_CLIENT);
    const all = sessions.matching(client?.slice(2), user);
    const from = resume ?? 0;
    const room = Math.min(Math.max(1, Math.floor(most / ROW_OCTETS)), sessions.pageSize);
    const page = all.slice(from, from + room);
    const isMore = from + page.length < all.length;
    const rows = page.map((session) => sessions.timed(session));
    const next = isMore ? from + page.length : 0;
    return answer(level, rows, all.length - from, next, isMore ? STATUS.moreData : STATUS.ok);
  }

  function remove(stub: ByteReader, userName: string): Uint8Array {
    readText(stub);
    const [client, user] = [readText(stub), readText(stub)];
    if (stub.left > 0) throw new RpcFault(FAULT.badStub);
    sessions.endRequests++;
    if (!sessions.isAdministrator(userName)) return status(STATUS.accessDenied);
    if (client === undefined && user === undefined) return status(STATUS.invalidParameter);
    if (client !== undefined && !client.startsWith('\\\\')) return status(NO_SUCH_CLIENT);
    const ended = sessions.matching(client?.slice(2), user);
    if (ended.length === 0) return status(NO_SUCH_CLIENT);
    if (!sessions.lies) for (const session of ended) sessions.close(session);
    return status(STATUS.ok);
  }

  return {
    name: 'srvsvc',
    uuid: '4b324fc8-1670-01d3-1278-5a47bf6ee188',
    version: [3, 0],
    operations: {
      12: (stub, { userName }) => enumerate(stub, userName),
      13: (stub, { userName }) => remove(stub, userName),
    },
  };
}

type Timed = ServedSession & { readonly seconds: number; readonly idle: number };

/** `[string, unique] WCHAR *`. */
function readText(stub: ByteReader): string | undefined {
  if (stub.align(4).u32() === 0) return undefined;
  const most = stub.u32();
  const offset = stub.u32();
  const count = stub.u32();
  if (offset !== 0 || count > most || count === 0) throw new RpcFault(FAULT.badStub);
  const text = stub.take(count * 2).toString('utf16le');
  if (!text.endsWith('\0')) throw new RpcFault(FAULT.badStub);
  stub.align(4);
  return text.slice(0, -1);
}

function status(value: number): Uint8Array {
  return new ByteWriter().u32(value).done();
}

function answer(
  level: number,
  rows: readonly Timed[],
  total: number,
  resume: number | undefined,
  result: number,
): Uint8Array {
  const writer = new ByteWriter().u32(level).u32(level);
  writer.u32(0x2_0000).u32(rows.length).u32(0x2_0004);
  const texts: string[] = [];
  const pointer = (text: string): void => {
    texts.push(text);
    writer.u32(0x2_0000 + texts.length * 8);
  };
  writer.u32(rows.length);
  for (const row of rows) {
    pointer(row.client);
    pointer(row.user);
    if (level !== 10) writer.u32(row.opens);
    writer.u32(row.seconds).u32(row.idle);
    if (level !== 10) writer.u32(0);
    if (level === 502) {
      pointer('');
      pointer('\\Device\\LanmanServer');
    }
  }
  for (const text of texts) writeText(writer, text);
  writer.align(4).u32(total);
  if (resume === undefined) writer.u32(0);
  else writer.u32(0x3_0000).u32(resume);
  return writer.u32(result).done();
}

function writeText(writer: ByteWriter, text: string): void {
  const length = text.length + 1;
  writer.align(4).u32(length).u32(0).u32(length);
  writer.bytes(Buffer.from(`${text}\0`, 'utf16le'));
}
