import { plainText, type Secret } from '@slipline/core';

export type Fields = Readonly<Record<string, unknown>>;

/** One answer of an appliance, read whole. */
export interface Reply {
  readonly status: number;
  /** `other` is whatever is not a JSON object: the page of a proxy, for one. */
  readonly body: 'empty' | 'object' | 'other';
  /** Those of the object; none where the body is not one. */
  readonly fields: Fields;
}

/** The operations of the REST API that this provider uses. */
export type Operation =
  | 'version'
  | 'login-details'
  | 'login'
  | 'logout'
  | 'session'
  | 'idle-timeout'
  | 'active-sessions'
  | 'progress';

/** An answer that is not what the operation promises. What it holds is for people: plain, short, without our secrets,
 *  and not the answer itself, which may be a login's that holds a token. */
export class ApplianceError extends Error {
  readonly operation: Operation;
  readonly status: number;
  /** The appliance's own code, as in `AUTHN_AUTH_FAIL`; absent where something else has answered. */
  readonly errorCode: string | undefined;
  /** What the appliance says is wrong; empty where it says nothing. */
  readonly said: string;

  /** `secrets` are those that were sent, in case the answer repeats them. */
  constructor(operation: Operation, reply: Reply, secrets: readonly Secret[] = []) {
    super(`HTTP ${reply.status} to ${operation}`);
    this.name = 'ApplianceError';
    this.operation = operation;
    this.status = reply.status;
    this.errorCode = errorCodeOf(reply);
    this.said = sentence(reply.fields, secrets);
  }
}

export async function readReply(response: Response): Promise<Reply> {
  const { status } = response;
  const text = status === 204 ? '' : await response.text();
  if (text.trim() === '') return { status, body: 'empty', fields: {} };
  const value = parse(text);
  return isObject(value) ? { status, body: 'object', fields: value } : { status, body: 'other', fields: {} };
}

export function errorCodeOf({ fields }: Reply): string | undefined {
  return text(fields['errorCode'], 100);
}

/** A text from a server as people may read it; absent when it is something else, or empty. */
export function text(value: unknown, longest = 256): string | undefined {
  const plain = typeof value === 'string' ? plainText(value, longest).trim() : '';
  return plain === '' ? undefined : plain;
}

export function integer(value: unknown, lowest: number, highest: number): number | undefined {
  return Number.isInteger(value) && Number(value) >= lowest && Number(value) <= highest
    ? Number(value)
    : undefined;
}

/** A date in any form that JavaScript reads, as RFC 3339. */
export function time(value: unknown): string | undefined {
  const milliseconds = typeof value === 'string' && value.length <= 64 ? Date.parse(value) : NaN;
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Appliances leave either of the two empty, and often say the same in both. A text that repeats a secret is not shown. */
function sentence(fields: Fields, secrets: readonly Secret[]): string {
  const texts = [fields['details'], fields['message']].filter((value) => typeof value === 'string');
  const isSafe = (value: string): boolean => {
    const plain = plainText(value, value.length);
    return secrets.every((secret) => !plain.includes(secret.reveal()));
  };
  return (
    texts
      .filter(isSafe)
      .map((value) => text(value, 2000))
      .find((value) => value !== undefined) ?? ''
  );
}
