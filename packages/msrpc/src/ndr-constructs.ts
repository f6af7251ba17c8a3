import { badAnswer, MsrpcError } from './errors.ts';
import type { Conformant, Fields, NdrType, ValueOf, ValuesOf } from './ndr.ts';
import { flat } from './ndr-scalars.ts';
import { readVariance } from './ndr-strings.ts';
import type { NdrReader } from './ndr-reader.ts';
import type { NdrWriter } from './ndr-writer.ts';

/** `[unique] T*`: null, or a referent in place with the pointee deferred. */
export function unique<T>(pointee: NdrType<T>): NdrType<T | null> {
  return {
    alignment: 4,
    least: 4,
    isFlat: false,
    write: (writer, value) => (value === null ? writer.u32(0) : writer.referent()),
    writeDeferred: (writer, value) => {
      if (value !== null) writeWhole(writer, pointee, value);
    },
    read: (reader) => reader.u32(),
    resolve: (reader, referent) => (referent === 0 ? null : readWhole(reader, pointee)),
  };
}

/** Members in the order of the IDL; aligned to the widest. One that ends in a conformant array has the array's count in front. */
export function struct<F extends Fields>(fields: F): NdrType<ValuesOf<F>> {
  const members = Object.entries(fields);
  const alignment = Math.max(...members.map(([, type]) => type.alignment));
  const last = members.at(-1)?.[1].conformant;
  const write = (writer: NdrWriter, value: Readonly<Record<string, unknown>>) => {
    writer.align(alignment);
    for (const [name, type] of members) (type.conformant ?? type).write(writer, value[name]);
  };
  const read = (reader: NdrReader, count = 0) => {
    reader.align(alignment);
    return members.map(([, type]) => type.conformant?.read(reader, count) ?? type.read(reader));
  };
  const conformant: Conformant<Readonly<Record<string, unknown>>> | undefined = last && {
    countOf: (value) => last.countOf(value[members.at(-1)![0]]),
    write,
    read,
  };
  const type: NdrType<Readonly<Record<string, unknown>>> = {
    alignment,
    least: members.reduce((sum, [, member]) => sum + member.least, 0),
    isFlat: members.every(([, member]) => member.isFlat),
    write: conformant ? writeCounted(conformant) : write,
    writeDeferred: (writer, value) => {
      for (const [name, member] of members) if (!member.isFlat) member.writeDeferred(writer, value[name]);
    },
    read: conformant ? (reader) => conformant.read(reader, reader.u32()) : (reader) => read(reader),
    resolve: (reader, inPlace) => {
      const parts = inPlace as readonly unknown[];
      return Object.fromEntries(
        members.map(([name, member], at) => [name, member.resolve(reader, parts[at])]),
      );
    },
    conformant,
  };
  return type as NdrType<ValuesOf<F>>;
}

/** `T[]` with `size_is`: the count, then the elements. */
export function conformantArray<T>(element: NdrType<T>): NdrType<readonly T[]> {
  const conformant: Conformant<readonly T[]> = {
    countOf: (value) => value.length,
    write: (writer, value) => value.forEach((each) => element.write(writer, each)),
    read: (reader, count) => readElements(reader, element, count),
  };
  return {
    ...elementsOf(element),
    least: 4,
    write: writeCounted(conformant),
    read: (reader) => conformant.read(reader, reader.u32()),
    conformant,
  };
}

/** `T[]` with `size_is` and `length_is`. */
export function conformantVaryingArray<T>(element: NdrType<T>): NdrType<readonly T[]> {
  const conformant: Conformant<readonly T[]> = {
    countOf: (value) => value.length,
    write: (writer, value) => {
      writer.u32(0);
      writer.u32(value.length);
      value.forEach((each) => element.write(writer, each));
    },
    read: (reader, max) => readElements(reader, element, readVariance(reader, max).actual),
  };
  return {
    ...elementsOf(element),
    least: 12,
    write: writeCounted(conformant),
    read: (reader) => conformant.read(reader, reader.u32()),
    conformant,
  };
}

/** `T[size]` in place. */
export function fixedArray<T>(element: NdrType<T>, size: number): NdrType<readonly T[]> {
  return {
    ...elementsOf(element),
    least: element.least * size,
    write: (writer, value) => {
      if (value.length !== size)
        throw new MsrpcError('invalid-arguments', `${value.length} elements were given where ${size} belong`);
      value.forEach((each) => element.write(writer, each));
    },
    read: (reader) => readElements(reader, element, size),
  };
}

const countedOctets: Conformant<Uint8Array> = {
  countOf: (value) => value.length,
  write: (writer, value) => writer.octets(value),
  read: (reader, count) => reader.octets(count),
};

/** `byte[]` with `size_is`. */
export const conformantOctets: NdrType<Uint8Array> = {
  ...flat(1, 4, writeCounted(countedOctets), (reader) => reader.octets(reader.u32())),
  conformant: countedOctets,
};

type Arms = Readonly<Record<number, NdrType<unknown>>>;

/** The discriminant and the arm it selects. */
export type Arm<A extends Arms> = {
  readonly [K in keyof A & number]: { readonly kind: K; readonly value: ValueOf<A[K]> };
}[keyof A & number];

/** A union, its discriminant in front of the arm. A discriminant outside of the table is refused. */
export function union<A extends Arms>(discriminant: NdrType<number>, arms: A): NdrType<Arm<A>> {
  type Chosen = { readonly kind: number; readonly value: unknown };
  const armOf = (kind: number) => {
    const arm = Object.hasOwn(arms, kind) ? arms[kind] : undefined;
    if (arm === undefined) throw badAnswer(`a union names arm ${kind}, which is not in its table`);
    return arm;
  };
  const type: NdrType<Chosen> = {
    alignment: discriminant.alignment,
    least: discriminant.least,
    isFlat: Object.values(arms).every((arm) => arm.isFlat),
    write: (writer, { kind, value }) => {
      discriminant.write(writer, kind);
      armOf(kind).write(writer, value);
    },
    writeDeferred: (writer, { kind, value }) => armOf(kind).writeDeferred(writer, value),
    read: (reader) => {
      const kind = readWhole(reader, discriminant);
      return { kind, value: armOf(kind).read(reader) };
    },
    resolve: (reader, inPlace) => {
      const { kind, value } = inPlace as Chosen;
      return { kind, value: armOf(kind).resolve(reader, value) };
    },
  };
  return type as unknown as NdrType<Arm<A>>;
}

/** One construct with all that it refers to. */
export function writeWhole<T>(writer: NdrWriter, type: NdrType<T>, value: T): void {
  type.write(writer, value);
  type.writeDeferred(writer, value);
}

export function readWhole<T>(reader: NdrReader, type: NdrType<T>): T {
  return type.resolve(reader, type.read(reader));
}

function writeCounted<T>(conformant: Conformant<T>): (writer: NdrWriter, value: T) => void {
  return (writer, value) => {
    writer.u32(conformant.countOf(value));
    conformant.write(writer, value);
  };
}

function readElements(reader: NdrReader, element: NdrType<unknown>, count: number): readonly unknown[] {
  reader.expect(count, element.least);
  return Array.from({ length: count }, () => element.read(reader));
}

function elementsOf<T>(
  element: NdrType<T>,
): Pick<NdrType<readonly T[]>, 'alignment' | 'isFlat' | 'writeDeferred' | 'resolve'> {
  return {
    alignment: element.alignment,
    isFlat: element.isFlat,
    writeDeferred: (writer, value) => {
      if (!element.isFlat) value.forEach((each) => element.writeDeferred(writer, each));
    },
    resolve: (reader, inPlace) =>
      (inPlace as readonly unknown[]).map((part) => element.resolve(reader, part)),
  };
}
