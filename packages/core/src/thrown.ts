/** What can be said of anything that was thrown: it need not be an `Error`, nor one of this realm. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  /** As Node's own errors have one: `ECONNREFUSED`. */
  readonly code: string;
  readonly cause: unknown;
}

export function describeThrown(value: unknown): Thrown {
  if (typeof value !== 'object' || value === null)
    return { name: '', message: String(value), code: '', cause: undefined };
  const { name, message, code, cause } = value as Partial<Record<keyof Thrown, unknown>>;
  return {
    name: textOf(name),
    message: textOf(message) || 'something that is not an error was thrown',
    code: textOf(code),
    cause,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
