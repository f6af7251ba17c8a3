import { DisconnectError, plainText, type JsonObject, type Secret } from '@slipline/core';
import { parseObject } from '@slipline/microsoft-identity';

/** An answer of the service, read whole. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** `unreadable`: it broke off, or is not packed as it says. */
  readonly body: 'empty' | 'object' | 'other' | 'unreadable';
  /** The body where it is a JSON object; empty otherwise. */
  readonly fields: JsonObject;
}

const LARGEST_BODY = 16 * 1024 * 1024;
const DEEPEST_BODY = 64;

/** Reads at most 16 MiB and 64 levels. Rejects with `protocol` or `unreachable` where an answer other than an error cannot be read. */
export async function readReply(response: Response, system: string, signal: AbortSignal): Promise<Reply> {
  const { status, headers } = response;
  let text: string;
  try {
    text = await readText(response, system);
  } catch (error) {
    signal.throwIfAborted();
    // A refusal comes with zero bytes that are said to be gzip; its status says what matters.
    if (status >= 400) return { status, headers, body: 'unreadable', fields: {} };
    throw brokenOff(error, system);
  }
  if (text.trim() === '') return { status, headers, body: 'empty', fields: {} };
  const fields = parseObject(text, { length: LARGEST_BODY, depth: DEEPEST_BODY });
  return fields === undefined
    ? { status, headers, body: 'other', fields: {} }
    : { status, headers, body: 'object', fields: fields as JsonObject };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Texts of a server as people may read them; absent where it is something else, or repeats a secret. */
export function text(value: unknown, secrets: readonly Secret[] = [], longest = 2000): string | undefined {
  if (typeof value !== 'string') return undefined;
  const plain = plainText(value, longest).trim();
  const whole = plainText(value, value.length);
  return plain === '' || secrets.some((secret) => whole.includes(secret.reveal())) ? undefined : plain;
}

export function texts(value: unknown, secrets: readonly Secret[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.slice(0, 1000).flatMap((one) => text(one, secrets) ?? []);
}

async function readText(response: Response, system: string): Promise<string> {
  if (response.body === null) return '';
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  let [read, size] = ['', 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return read + decoder.decode();
    size += value.byteLength;
    if (size > LARGEST_BODY) {
      void reader.cancel().catch(() => undefined);
      throw new DisconnectError('protocol', 'the answer is larger than this client accepts', {
        system,
        mayHaveTakenEffect: true,
      });
    }
    read += decoder.decode(value, { stream: true });
  }
}

function brokenOff(error: unknown, system: string): DisconnectError {
  const known = DisconnectError.from(error);
  if (known.code !== 'internal') return known.at(system);
  const isUnacceptable = codesOf(error).some((code) => UNACCEPTABLE.test(code));
  return new DisconnectError(
    isUnacceptable ? 'protocol' : 'unreachable',
    isUnacceptable
      ? 'the answer is too large, or not packed as it says'
      : 'the connection broke off in the middle of an answer',
    { system, cause: error, mayHaveTakenEffect: true, next: 'try again' },
  );
}

/** What Node's zlib and undici say of a body that breaks their rules. */
const UNACCEPTABLE = /^(Z_|ERR__ERROR_|UND_ERR_RES_)/;

/** The `code` of an error and of what caused it. */
function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  for (let one = error, level = 0; typeof one === 'object' && one !== null && level < 5; level += 1) {
    if ('code' in one && typeof one.code === 'string') codes.push(one.code);
    one = 'cause' in one ? one.cause : undefined;
  }
  return codes;
}
