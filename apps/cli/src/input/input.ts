import { DisconnectError, Secret } from '@slipline/core';
import { open } from 'node:fs/promises';
import type { Environment } from '@slipline/config';
import type { SecretSource } from '../arguments/flags.ts';
import { isTerminal } from '../output/style.ts';
import { usage } from '../arguments/usage.ts';

const LARGEST = 64 * 1024 * 1024;
const LONGEST_SECRET = 64 * 1024;

/** Everything on stdin, at most 64 MB, as text. Waits for its end. */
export async function readStdin(stdin: NodeJS.ReadableStream, signal: AbortSignal): Promise<string> {
  return decoded(await bounded(fromStream(stdin, signal), LARGEST, 'stdin'));
}

/** A file, at most 64 MB, as text. */
export async function readTextFile(path: string, signal: AbortSignal): Promise<string> {
  return decoded(await bounded(fromFile(path, signal), LARGEST, path));
}

export interface SecretPlaces {
  readonly stdin: () => NodeJS.ReadableStream;
  readonly environment: Environment;
  /** What was read from variables before. */
  readonly variables: Map<string, Secret>;
  readonly signal: AbortSignal;
}

/** A secret is a whole stream, file or variable, without the line end behind it. `value` names the file or the variable. */
export async function secretFrom(
  { stdin, environment, variables, signal }: SecretPlaces,
  source: SecretSource,
  flag: string,
  value: string,
): Promise<Secret> {
  switch (source) {
    case 'stdin':
      if (isTerminal(stdin())) {
        const next = 'leave it out to be asked, or pipe the secret in';
        throw usage(`--${flag} reads from a pipe, and stdin is the terminal`, next);
      }
      return secretOf(decoded(await bounded(fromStream(stdin(), signal), LONGEST_SECRET, 'stdin')), flag);
    case 'file':
      return secretOf(decoded(await bounded(fromFile(value, signal), LONGEST_SECRET, value)), flag);
    case 'env': {
      const text = variables.get(value)?.reveal() ?? environment[value];
      if (text !== undefined) {
        const secret = secretOf(text, flag);
        variables.set(value, secret);
        // From here on no child, and no report of a crash, has it.
        Reflect.deleteProperty(environment, value);
        return secret;
      }
      throw usage(
        `--${flag}: the variable ${value} is not set`,
        `set ${value} for this command, or use another source`,
      );
    }
    default:
      return source satisfies never;
  }
}

function secretOf(text: string, flag: string): Secret {
  const value = text.replace(/\r?\n$/, '');
  if (value !== '') return new Secret(value);
  throw usage(`--${flag}: there is nothing in it`, 'check where the secret comes from');
}

async function bounded(chunks: AsyncIterable<Buffer>, largest: number, what: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > largest) {
      const limit = largest >= 1024 * 1024 ? `${largest / 1024 / 1024} MB` : `${largest / 1024} kB`;
      throw new DisconnectError('invalid-request', `${what} holds more than ${limit}`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** Ends with the signal's reason while nothing comes. */
async function* fromStream(stream: NodeJS.ReadableStream, signal: AbortSignal): AsyncIterable<Buffer> {
  signal.throwIfAborted();
  const stop = (): void =>
    void ('destroy' in stream && (stream.destroy as (error: Error) => void)(signal.reason as Error));
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function* fromFile(path: string, signal: AbortSignal): AsyncIterable<Buffer> {
  try {
    const file = await open(path);
    for await (const chunk of file.createReadStream({ signal })) yield chunk as Buffer;
  } catch (cause) {
    signal.throwIfAborted();
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): DisconnectError {
  if (DisconnectError.is(cause)) return cause;
  const { code = '' } = cause as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'it may not be read',
    EPERM: 'it may not be read',
    EISDIR: 'it is a folder',
  };
  return new DisconnectError('invalid-request', `${path}: ${words[code] ?? 'it cannot be read'}`, { cause });
}

/** Text by its byte order mark: UTF-8 or UTF-16; what Windows writes without one shows by the zero in its second byte. */
function decoded(bytes: Buffer): string {
  const isLittle =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes.length > 1 && bytes[0] !== 0 && bytes[1] === 0);
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  return new TextDecoder(isBig ? 'utf-16be' : isLittle ? 'utf-16le' : 'utf-8').decode(bytes);
}
