import { badAnswer, MsrpcError } from './errors.ts';
import type { Pipe } from './pipe.ts';
import type { SmbAnswer, SmbChannel } from './smb-channel.ts';
import { HEADER_SIZE, SmbBody } from './smb-message.ts';
import type { Agreement } from './smb-negotiate.ts';
import type { CallOptions } from './smb-options.ts';
import { decodeControl, encodeControl } from './smb-share.ts';
import { NtStatus } from './smb-statuses.ts';

const PIPE_TRANSCEIVE = 0x0011_c017;
/** What one credit pays for. */
const LARGEST_TRANSFER = 0x1_0000;
const IMPERSONATION = 2;
/** Read, write and append data, attributes and extended attributes; read control; synchronize. */
const READ_AND_WRITE = 0x0012_019f;
const SHARE_ALL = 7;
const OPEN_EXISTING = 1;
const NO_DIRECTORY = 0x40;

export interface PipeOptions {
  readonly channel: SmbChannel;
  readonly treeId: number;
  readonly agreement: Agreement;
  /** Milliseconds that CLOSE may take. */
  readonly patience: number;
  /** Told once, when the pipe begins to close. */
  readonly onClose: (pipe: SmbPipe) => void;
}

/** Opens a pipe of `IPC$` (CREATE, MS-SMB2 2.2.13). */
export async function openSmbPipe(name: string, options: PipeOptions, call: CallOptions): Promise<SmbPipe> {
  const { channel, treeId } = options;
  const opened = ({ message }: SmbAnswer) =>
    new SmbPipe(name, new Uint8Array(new SmbBody('CREATE', message, 89).octets(64, 16)), options);
  // What opens after all is closed again.
  const onLate = (answer: SmbAnswer) => void opened(answer).close();
  return opened(await channel.ask({ command: 'CREATE', body: encodeCreate(name), treeId, onLate }, call));
}

export class SmbPipe implements Pipe {
  readonly name: string;
  readonly largestMessage: number;
  readonly #file: Uint8Array;
  readonly #options: PipeOptions;
  #closing: Promise<void> | undefined;

  constructor(name: string, file: Uint8Array, options: PipeOptions) {
    const { largestTransact, largestRead, largestWrite } = options.agreement;
    this.name = name;
    this.largestMessage = Math.min(LARGEST_TRANSFER, largestTransact, largestRead, largestWrite);
    this.#file = file;
    this.#options = options;
  }

  async transceive(message: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    this.#expectSize(message);
    const body = encodeControl({
      code: PIPE_TRANSCEIVE,
      file: this.#file,
      largestAnswer: this.largestMessage,
      input: message,
    });
    const answer = await this.#ask('IOCTL', body, options);
    return this.#expectFit(decodeControl(answer.message));
  }

  async read(options: CallOptions): Promise<Uint8Array> {
    const fixed = Buffer.alloc(49);
    fixed.writeUInt16LE(49, 0);
    fixed.writeUInt8(HEADER_SIZE + 16, 2);
    fixed.writeUInt32LE(this.largestMessage, 4);
    fixed.set(this.#file, 16);
    const answer = await this.#ask('READ', fixed, options);
    const body = new SmbBody('READ', answer.message, 17);
    return this.#expectFit(body.variable(body.u8(2), body.u32(4)));
  }

  async write(message: Uint8Array, options: CallOptions): Promise<void> {
    this.#expectSize(message);
    const fixed = Buffer.alloc(48);
    fixed.writeUInt16LE(49, 0);
    fixed.writeUInt16LE(HEADER_SIZE + fixed.length, 2);
    fixed.writeUInt32LE(message.length, 4);
    fixed.set(this.#file, 16);
    const answer = await this.#ask('WRITE', Buffer.concat([fixed, message]), options);
    const written = new SmbBody('WRITE', answer.message, 17).u32(4);
    if (written !== message.length) throw badAnswer(`the server took ${written} of ${message.length} octets`);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A server that does not answer keeps the handle until the connection ends; there is nothing more to do about it. */
  async #close(): Promise<void> {
    const { channel, treeId, patience, onClose } = this.#options;
    onClose(this);
    const body = Buffer.alloc(24);
    body.writeUInt16LE(24, 0);
    body.set(this.#file, 8);
    const patient = { signal: new AbortController().signal, timeout: patience };
    await channel.ask({ command: 'CLOSE', body, treeId }, patient).catch(() => undefined);
  }

  async #ask(command: 'IOCTL' | 'READ' | 'WRITE', body: Buffer, options: CallOptions): Promise<SmbAnswer> {
    if (this.#closing !== undefined)
      throw new MsrpcError('closed', `the pipe ${this.name} is closed`, { next: 'open it again' });
    const { channel, treeId } = this.#options;
    return await channel.ask({ command, body, treeId, accept: [NtStatus.BUFFER_OVERFLOW] }, options);
  }

  #expectSize(message: Uint8Array): void {
    if (message.length > this.largestMessage)
      throw new MsrpcError(
        'invalid-arguments',
        `a message of ${message.length} octets is too large for the pipe`,
      );
  }

  #expectFit(octets: Buffer): Uint8Array {
    if (octets.length > this.largestMessage) throw badAnswer('the server sent more than was asked for');
    return octets;
  }
}

function encodeCreate(name: string): Buffer {
  const encoded = Buffer.from(name, 'utf16le');
  const fixed = Buffer.alloc(56);
  fixed.writeUInt16LE(57, 0);
  fixed.writeUInt32LE(IMPERSONATION, 4);
  fixed.writeUInt32LE(READ_AND_WRITE, 24);
  fixed.writeUInt32LE(SHARE_ALL, 32);
  fixed.writeUInt32LE(OPEN_EXISTING, 36);
  fixed.writeUInt32LE(NO_DIRECTORY, 40);
  fixed.writeUInt16LE(HEADER_SIZE + fixed.length, 44);
  fixed.writeUInt16LE(encoded.length, 46);
  return Buffer.concat([fixed, encoded]);
}
