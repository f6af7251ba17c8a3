import { MsrpcError } from './errors.ts';
import { readWhole, writeWhole } from './ndr-constructs.ts';
import { NdrReader } from './ndr-reader.ts';
import { NdrWriter } from './ndr-writer.ts';
import type { Fields, ValuesOf } from './ndr.ts';

/** The parameters of a call as NDR: each with what it refers to, in the order of the IDL. */
export function encodeStub<F extends Fields>(fields: F, values: ValuesOf<F>): Uint8Array {
  const writer = new NdrWriter();
  for (const [name, type] of Object.entries(fields)) writeWhole(writer, type, values[name]);
  return writer.finish();
}

/** The parameters out of a stub. Surplus octets at its end are ignored; missing ones are `bad-answer`. */
export function decodeStub<F extends Fields>(fields: F, stub: Uint8Array): ValuesOf<F> {
  const reader = new NdrReader(stub);
  const values: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(fields)) {
    try {
      values[name] = readWhole(reader, type);
    } catch (error) {
      if (!MsrpcError.is(error)) throw error;
      throw new MsrpcError(error.code, `${name}: ${error.message}`, error);
    }
  }
  return values as ValuesOf<F>;
}
