// `util.inspect.custom`, without importing `node:util`: Node would load much more for it than this package is.
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A value that must not be seen: it prints as `[secret]` in JSON, in `util.inspect`, in templates and in
 * concatenation. Only `reveal()` gives it away, so every use can be found by that name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the wire or the file needs it, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.toPrimitive](): string {
    return '[secret]';
  }

  [INSPECT](): string {
    return '[secret]';
  }
}
