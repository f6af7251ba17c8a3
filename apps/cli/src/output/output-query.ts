import { DisconnectError, type JsonValue } from '@slipline/core';

export type Query = (data: JsonValue) => JsonValue;

/** A JMESPath expression, ready to run. Throws `invalid-request` where it is none. */
export async function compileQuery(expression: string): Promise<Query> {
  const { compile, TreeInterpreter } = await import('@jmespath-community/jmespath');
  const tree = attempt('is not JMESPath', 'https://jmespath.site explains it', () => compile(expression));
  return (data) =>
    attempt(
      'fails on this data',
      'leave --query out to see the data; slipline history tells what was done',
      () =>
        // The library's own types want values that can be changed.
        TreeInterpreter.search(tree, structuredClone(data) as never) as JsonValue,
    );
}

function attempt<T>(what: string, next: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DisconnectError('invalid-request', `--query ${what}: ${why}`, { cause, next });
  }
}
