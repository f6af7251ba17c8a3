import type { NdrReader } from './ndr-reader.ts';
import type { NdrWriter } from './ndr-writer.ts';

/**
 * How values of one IDL type are marshalled in NDR 2.0 (C706 chapter 14), little-endian. A type has two parts on the wire: the
 * one in place, and what its embedded pointers refer to, which is deferred to the end of the enclosing construct.
 */
export interface NdrType<T> {
  /** Octets, counted from the start of the stub: 1, 2, 4 or 8. */
  readonly alignment: number;
  /** The fewest octets a value takes in place; at least 1, so that a count can be held against what is left to read. */
  readonly least: number;
  /** Nothing of it is deferred. */
  readonly isFlat: boolean;
  write(writer: NdrWriter, value: T): void;
  writeDeferred(writer: NdrWriter, value: T): void;
  /** Reads the part in place; `resolve` makes the value of it. */
  read(reader: NdrReader): unknown;
  /** Reads the deferred part. */
  resolve(reader: NdrReader, inPlace: unknown): T;
  /** Only of arrays whose count stands before what encloses them. */
  readonly conformant?: Conformant<T> | undefined;
}

/** An array, or a structure that ends in one, without the count that stands in front. */
export interface Conformant<T> {
  countOf(value: T): number;
  write(writer: NdrWriter, value: T): void;
  read(reader: NdrReader, count: number): unknown;
}

export type ValueOf<N> = N extends NdrType<infer T> ? T : never;

/** Parameters or members, in the order of the IDL. */
export type Fields = Readonly<Record<string, NdrType<unknown>>>;
export type ValuesOf<F> = { readonly [K in keyof F]: ValueOf<F[K]> };
