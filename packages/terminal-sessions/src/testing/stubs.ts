import { randomBytes } from 'node:crypto';
import { FAULT, RpcFault, type ByteReader, type ByteWriter, type RpcCall } from '@slipline/msrpc/testing';

/** HRESULT, as the host answers them. */
export const HRESULT = {
  ok: 0,
  nothingChanged: 1,
  accessDenied: 0x80070005,
  notFound: 0x80070002,
  failed: 0x80004005,
  wrongState: 0x8007139f,
} as const;

/** Fails as a strict server does where a client sent more than the IDL has. */
export function end(stub: ByteReader): void {
  if (stub.left > 0) throw new RpcFault(FAULT.badStub);
}

/** `[string] const WCHAR *` without a referent: three counts, then characters with their terminator. */
export function readText(stub: ByteReader): string {
  const most = stub.align(4).u32();
  const offset = stub.u32();
  const count = stub.u32();
  if (offset !== 0 || count > most || count === 0) throw new RpcFault(FAULT.badStub);
  const text = stub.take(count * 2).toString('utf16le');
  if (!text.endsWith('\0')) throw new RpcFault(FAULT.badStub);
  return text.slice(0, -1);
}

export function writeText(writer: ByteWriter, text: string, most = text.length + 1): ByteWriter {
  return writer
    .align(4)
    .u32(most)
    .u32(0)
    .u32(text.length + 1)
    .bytes(Buffer.from(`${text}\0`, 'utf16le'));
}

/** Any number but 0; what a referent is means nothing. */
export function referent(): number {
  return randomBytes(4).readUInt32LE() | 4;
}

/** Context handles of one kind: each belongs to the pipe it was opened on (MS-RPCE 3.3.1.4.1). */
export class Handles<T> {
  readonly #open = new Map<string, { readonly value: T; readonly pipe: object }>();

  open(value: T, { pipe }: RpcCall): Uint8Array {
    const handle = Buffer.concat([Buffer.alloc(4), randomBytes(16)]);
    this.#open.set(handle.toString('hex'), { value, pipe });
    return handle;
  }

  read(stub: ByteReader, { pipe }: RpcCall): T {
    const known = this.#open.get(stub.take(20).toString('hex'));
    if (known === undefined || known.pipe !== pipe) throw new RpcFault(FAULT.contextMismatch);
    return known.value;
  }

  close(stub: ByteReader, call: RpcCall): void {
    const at = stub.take(20);
    const key = at.toString('hex');
    if (this.#open.get(key)?.pipe !== call.pipe) throw new RpcFault(FAULT.contextMismatch);
    this.#open.delete(key);
  }
}

export const CLOSED_HANDLE = Buffer.alloc(20);
