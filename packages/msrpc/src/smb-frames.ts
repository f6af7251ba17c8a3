import type { Duplex } from 'node:stream';
import { badAnswer, MsrpcError } from './errors.ts';

/** Sixty-four KiB of payload, which is all this client asks for at once, and room for what goes around it. */
const LARGEST_FRAME = 0x1_4000;
const LENGTH = 4;

export interface FrameEvents {
  /** A whole message; what it throws ends the connection. */
  onMessage(message: Buffer): void;
  /** Called once, when nothing more will come. */
  onEnd(error: MsrpcError): void;
}

/** Messages with their length in front, over a stream of octets (MS-SMB2 2.1). */
export class SmbFrames {
  readonly #socket: Duplex;
  readonly #events: FrameEvents;
  readonly #head = Buffer.alloc(LENGTH);
  #message: Buffer | undefined;
  #filled = 0;
  #hasEnded = false;

  constructor(socket: Duplex, events: FrameEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (cause) => this.end(lost(cause)));
    socket.on('end', () => this.end(lost()));
    socket.on('close', () => this.end(lost()));
  }

  send(message: Buffer): void {
    if (this.#hasEnded) return;
    this.#head.writeUInt32BE(message.length);
    this.#socket.write(Buffer.concat([this.#head, message]));
  }

  /** Ends the stream. What the events are told of it is the first error only. */
  end(error: MsrpcError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.destroy();
    this.#events.onEnd(error);
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    try {
      while (rest.length > 0 && !this.#hasEnded) rest = rest.subarray(this.#consume(rest));
    } catch (error) {
      this.end(MsrpcError.is(error) ? error : badAnswerFor(error));
    }
  }

  /** Takes the next octets of the length, or of the message after it; answers how many. */
  #consume(chunk: Buffer): number {
    const target = this.#message ?? this.#incoming;
    const taken = chunk.copy(target, this.#filled);
    this.#filled += taken;
    if (this.#filled < target.length) return taken;
    this.#filled = 0;
    if (this.#message === undefined) {
      this.#message = Buffer.alloc(sizeOf(target));
    } else {
      this.#message = undefined;
      this.#events.onMessage(target);
    }
    return taken;
  }

  readonly #incoming = Buffer.alloc(LENGTH);
}

/** The first octet is zero, and so part of a length in bounds. */
function sizeOf(head: Buffer): number {
  const size = head.readUInt32BE();
  if (size === 0 || size > LARGEST_FRAME)
    throw badAnswer(`the server announced a message of ${size} octets, or speaks something else than SMB`);
  return size;
}

function lost(cause?: unknown): MsrpcError {
  return new MsrpcError('unreachable', 'the server closed the connection', {
    next: 'check that the address is that of a server with SMB 2 or 3, and look into its log',
    cause,
  });
}

function badAnswerFor(cause: unknown): MsrpcError {
  return new MsrpcError('bad-answer', 'what the server sent cannot be read', { cause });
}
