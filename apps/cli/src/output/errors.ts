import { DisconnectError, plainText, type ErrorJson } from '@slipline/core';
import type { Style } from './style.ts';

const DEEPEST = 5;

/** `<code>: <what> (<system>)`, then `next: <command>`; never a stack. With `isDebug` the chain of causes follows. */
export function errorText(error: DisconnectError, style: Style, isDebug = false): string {
  const system = error.system === undefined ? '' : ` (${plainText(error.system)})`;
  const lines = [`${style.bad(error.code)}: ${plainText(error.message)}${system}`];
  if (error.next !== undefined) lines.push(`next: ${plainText(error.next)}`);
  if (isDebug) lines.push(...causesOf(error).map((cause) => `cause: ${plainText(cause)}`));
  return lines.join('\n');
}

/** One object for any number of errors: the first, and the others with it. */
export function errorObject(
  errors: readonly DisconnectError[],
): ErrorJson & { readonly others?: readonly ErrorJson[] } {
  const [first = new DisconnectError('internal', 'something failed'), ...others] = errors;
  return { ...first.toJSON(), ...(others.length > 0 && { others: others.map((error) => error.toJSON()) }) };
}

/** What was thrown, as something to show: an unforeseen error says what to do about it. */
export function presentable(error: unknown): DisconnectError {
  const known = DisconnectError.from(error);
  if (known.code !== 'internal' || known.next !== undefined) return known;
  return new DisconnectError('internal', known.message, {
    system: known.system,
    details: known.details,
    cause: known.cause,
    next: 'this is a fault of Slipline or of a provider: --debug shows more',
  });
}

function causesOf(error: Error): readonly string[] {
  const texts: string[] = [];
  for (let { cause } = error; cause !== undefined && cause !== null && texts.length < DEEPEST;) {
    const { name = 'Error', message = '', cause: deeper } = cause as Partial<Error>;
    texts.push(typeof cause === 'string' ? cause : `${name}: ${message}`);
    cause = deeper;
  }
  return texts;
}
