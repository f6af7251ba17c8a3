import { badAnswer, MsrpcError } from './errors.ts';
import type { NdrType } from './ndr.ts';
import { flat } from './ndr-scalars.ts';
import type { NdrReader } from './ndr-reader.ts';
import type { NdrWriter } from './ndr-writer.ts';

/** `[string] WCHAR*`'s pointee: conformant and varying, ended by a NUL that is not part of the value. */
export const wideString: NdrType<string> = flat(4, 12, writeWide, readWide);

/** `WCHAR[size]` in place: the characters up to the first NUL; what follows is ignored. */
export function wideCharacters(size: number): NdrType<string> {
  const write = (writer: NdrWriter, value: string) => {
    if (value.length >= size)
      throw new MsrpcError('invalid-arguments', `a text of ${value.length} characters exceeds ${size - 1}`);
    writer.align(2);
    writer.octets(Buffer.from(refusingNul(value).padEnd(size, '\0'), 'utf16le'));
  };
  return flat(2, size * 2, write, (reader) => reader.characters(size));
}

function writeWide(writer: NdrWriter, value: string): void {
  const text = `${refusingNul(value)}\0`;
  writer.u32(text.length);
  writer.u32(0);
  writer.u32(text.length);
  writer.octets(Buffer.from(text, 'utf16le'));
}

function readWide(reader: NdrReader): string {
  const { actual } = readVariance(reader, reader.u32());
  if (actual * 2 > reader.left)
    throw badAnswer(`a text claims ${actual} characters where ${reader.left} octets are left`);
  return reader.characters(actual);
}

/** Offset and count of the part of an array that is on the wire. */
export function readVariance(reader: NdrReader, max: number): { readonly actual: number } {
  const offset = reader.u32();
  const actual = reader.u32();
  if (offset !== 0) throw badAnswer(`a varying array begins at ${offset} instead of 0`);
  if (actual > max) throw badAnswer(`a varying array of at most ${max} elements claims ${actual}`);
  return { actual };
}

/** A NUL inside would end the text early on the server: another name than the one that was asked for. */
function refusingNul(value: string): string {
  if (value.includes('\0')) throw new MsrpcError('invalid-arguments', 'a text must not contain a NUL');
  return value;
}
