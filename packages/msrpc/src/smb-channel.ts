import type { Duplex } from 'node:stream';
import type { Clock } from './clock.ts';
import { badAnswer, MsrpcError } from './errors.ts';
import { SmbCredits } from './smb-credits.ts';
import { SmbFrames } from './smb-frames.ts';
import { decodeHeader, encodeRequest, SmbCommand, SmbFlag } from './smb-message.ts';
import type { SmbCommandName, SmbHeader } from './smb-message.ts';
import type { CallOptions } from './smb-options.ts';
import type { Protection } from './smb-protection.ts';
import { NtStatus, statusError } from './smb-statuses.ts';
import { within } from './within.ts';

export interface SmbQuestion {
  readonly command: SmbCommandName;
  readonly body: Uint8Array;
  readonly treeId?: number | undefined;
  /** Statuses beside success that are no error here. */
  readonly accept?: readonly number[] | undefined;
  /** Told of a success that comes when nobody waits for it any more. */
  readonly onLate?: ((answer: SmbAnswer) => void) | undefined;
}

/** The raw messages are what the hash of the negotiation goes over. */
export interface SmbAnswer {
  readonly status: number;
  readonly sessionId: bigint;
  readonly treeId: number;
  readonly request: Buffer;
  readonly message: Buffer;
}

interface Pending {
  readonly command: SmbCommandName;
  readonly resolve: (answered: { readonly header: SmbHeader; readonly message: Buffer }) => void;
  readonly reject: (error: MsrpcError) => void;
  isInterim: boolean;
}

export interface ChannelOptions {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Numbered requests and their answers, signed or encrypted. As many may be under way as the server grants credits for. */
export class SmbChannel {
  readonly #frames: SmbFrames;
  readonly #options: ChannelOptions;
  readonly #credits = new SmbCredits();
  readonly #pending = new Map<bigint, Pending>();
  #nextId = 0n;
  #failure: MsrpcError | undefined;
  #protection: Protection | undefined;
  #sessionId = 0n;
  #creditCharge = 0;

  constructor(socket: Duplex, options: ChannelOptions) {
    this.#options = options;
    this.#frames = new SmbFrames(socket, {
      onMessage: (frame) => this.#take(frame),
      onEnd: (error) => this.#fail(error),
    });
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Requests name how many credits they cost, as every dialect but the first wants it. */
  chargeCredits(): void {
    this.#creditCharge = 1;
  }

  /** Requests are made in this session from here on. */
  enterSession(sessionId: bigint): void {
    this.#sessionId = sessionId;
  }

  /** Every message is signed or encrypted from here on, both ways. */
  protect(protection: Protection): void {
    this.#protection = protection;
  }

  /** Ends the connection; whoever waits is told `error`. */
  end(error: MsrpcError): void {
    this.#frames.end(error);
  }

  /** Throws `MsrpcError` for a status that is neither success nor accepted. */
  async ask(question: SmbQuestion, { signal, timeout }: CallOptions): Promise<SmbAnswer> {
    const limits = {
      clock: this.#options.clock,
      signal,
      timeout: timeout ?? this.#options.timeout,
      what: question.command,
    };
    return await within(limits, (stopped) => {
      const answer = this.#exchange(question, stopped);
      const tell = (late: SmbAnswer) => stopped.aborted && question.onLate?.(late);
      // Neither what fails late nor what is no good is of interest to anybody.
      answer.then(tell).catch(() => undefined);
      return answer;
    });
  }

  async #exchange(
    { command, body, treeId = 0, accept }: SmbQuestion,
    stopped: AbortSignal,
  ): Promise<SmbAnswer> {
    this.#expectOpen();
    await this.#credits.take(stopped);
    this.#expectOpen();
    if (stopped.aborted) this.#credits.grant(1);
    stopped.throwIfAborted();
    const messageId = this.#nextId++;
    const request = encodeRequest({
      command,
      messageId,
      creditCharge: this.#creditCharge,
      credits: this.#credits.wanted,
      treeId,
      sessionId: this.#sessionId,
      body,
    });
    const answered = new Promise<{ readonly header: SmbHeader; readonly message: Buffer }>(
      (resolve, reject) => this.#pending.set(messageId, { command, resolve, reject, isInterim: false }),
    );
    this.#frames.send(this.#protection?.apply(request) ?? request);
    const { header, message } = await answered;
    if (header.status !== NtStatus.SUCCESS && accept?.includes(header.status) !== true)
      throw statusError(header.status, command);
    return {
      status: header.status,
      sessionId: header.sessionId,
      treeId: message.readUInt32LE(36),
      request,
      message,
    };
  }

  /** Answers nobody waits for any more end here too. */
  #take(frame: Buffer): void {
    const message = this.#protection === undefined ? frame : this.#protection.remove(frame);
    const header = decodeHeader(message);
    const pending = this.#pending.get(header.messageId);
    if (pending === undefined || SmbCommand[pending.command] !== header.command)
      throw badAnswer('the server answered what was not asked, or answered twice');
    this.#credits.grant(header.credits);
    if (header.status === NtStatus.PENDING && (header.flags & SmbFlag.ASYNC) !== 0) {
      if (pending.isInterim) throw badAnswer('the server put off an answer twice');
      pending.isInterim = true;
      return;
    }
    this.#pending.delete(header.messageId);
    pending.resolve({ header, message });
  }

  #expectOpen(): void {
    if (this.#failure === undefined) return;
    throw new MsrpcError('closed', 'the SMB connection is closed', {
      next: 'connect again',
      cause: this.#failure,
    });
  }

  #fail(error: MsrpcError): void {
    this.#failure = error;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#credits.release();
  }
}
