import { randomBytes } from 'node:crypto';
import { ByteReader, ByteWriter } from './bytes.ts';
import { PipeQueue, type PipeEnd, type PipeService } from './pipe.ts';
import { ERROR_BODY, HEADER_LENGTH, STATUS, type SmbAnswer, type SmbRequest } from './smb-message.ts';
import type { SmbSession } from './smb-session.ts';

const TRANSCEIVE = 0x0011c017;

/** One open pipe: what was written is taken in order, whatever is asked at the same time. */
export class OpenPipe {
  readonly queue = new PipeQueue();
  readonly #end: PipeEnd;
  #last: Promise<void> = Promise.resolve();
  #isBroken = false;

  constructor(end: PipeEnd) {
    this.#end = end;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  write(message: Uint8Array): Promise<void> {
    this.#last = this.#last.then(async () => {
      try {
        for (const answer of await this.#end.receive(message)) this.queue.push(answer);
      } catch {
        this.#isBroken = true;
      }
    });
    return this.#last;
  }
}

/** What an operation on a pipe has to wait with, until a message is there. */
export type Wait = () => void;

/** MS-SMB2 3.3.5.9 to 3.3.5.15, as far as pipes need it. */
export class SmbPipes {
  readonly #services: ReadonlyMap<string, PipeService>;
  readonly #most: number;

  constructor(services: ReadonlyMap<string, PipeService>, most: number) {
    this.#services = services;
    this.#most = most;
  }

  create(request: SmbRequest, session: SmbSession): SmbAnswer {
    const reader = new ByteReader(request.body, 44);
    const offset = reader.u16();
    const name = new ByteReader(request.raw, offset).take(reader.u16()).toString('utf16le').toLowerCase();
    const service = this.#services.get(name);
    if (service === undefined) return failure(STATUS.nameNotFound);
    const id = randomBytes(16);
    session.pipes.set(id.toString('hex'), new OpenPipe(service(session.userName)));
    const body = new ByteWriter().u16(89).u8(0).u8(0).u32(1).zeros(32).zeros(16).u32(0x80).u32(0);
    return { status: STATUS.ok, body: body.bytes(id).u32(0).u32(0).done() };
  }

  close(request: SmbRequest, session: SmbSession): SmbAnswer {
    const known = session.pipes.delete(idAt(request, 8));
    return known ? { status: STATUS.ok, body: CLOSED } : failure(STATUS.fileClosed);
  }

  async write(request: SmbRequest, session: SmbSession): Promise<SmbAnswer> {
    const pipe = session.pipes.get(idAt(request, 16));
    if (pipe === undefined) return failure(STATUS.fileClosed);
    const reader = new ByteReader(request.body, 2);
    const offset = reader.u16();
    const length = reader.u32();
    if (length > this.#most) return failure(STATUS.invalidParameter);
    await pipe.write(new ByteReader(request.raw, offset).take(length));
    if (pipe.isBroken) return failure(STATUS.pipeBroken);
    return { status: STATUS.ok, body: new ByteWriter().u16(17).u16(0).u32(length).u32(0).u32(0).done() };
  }

  async read(request: SmbRequest, session: SmbSession, wait: Wait): Promise<SmbAnswer> {
    const pipe = session.pipes.get(idAt(request, 16));
    if (pipe === undefined) return failure(STATUS.fileClosed);
    const length = new ByteReader(request.body, 4).u32();
    if (length > this.#most) return failure(STATUS.invalidParameter);
    if (!pipe.queue.isReady) wait();
    const { data, hasMore } = await pipe.queue.read(length);
    const body = new ByteWriter()
      .u16(17)
      .u8(HEADER_LENGTH + 16)
      .u8(0)
      .u32(data.length)
      .u32(0)
      .u32(0);
    return { status: hasMore ? STATUS.moreData : STATUS.ok, body: body.bytes(data).done() };
  }

  async transceive(request: SmbRequest, session: SmbSession, wait: Wait): Promise<SmbAnswer> {
    const reader = new ByteReader(request.body, 4);
    if (reader.u32() !== TRANSCEIVE) return failure(STATUS.notSupported);
    const id = reader.take(16);
    const pipe = session.pipes.get(id.toString('hex'));
    if (pipe === undefined) return failure(STATUS.fileClosed);
    const offset = reader.u32();
    const input = new ByteReader(request.raw, offset).take(reader.u32());
    const most = reader.seek(44).u32();
    if (input.length > this.#most || most > this.#most) return failure(STATUS.invalidParameter);
    await pipe.write(input);
    if (pipe.isBroken) return failure(STATUS.pipeBroken);
    if (!pipe.queue.isReady) wait();
    const { data, hasMore } = await pipe.queue.read(most);
    return { status: hasMore ? STATUS.moreData : STATUS.ok, body: ioctlBody(TRANSCEIVE, id, data) };
  }
}

/** MS-SMB2 2.2.32. */
export function ioctlBody(code: number, id: Uint8Array, data: Uint8Array): Buffer {
  const start = HEADER_LENGTH + 48;
  return new ByteWriter()
    .u16(49)
    .u16(0)
    .u32(code)
    .bytes(id)
    .u32(start)
    .u32(0)
    .u32(start)
    .u32(data.length)
    .u32(0)
    .u32(0)
    .bytes(data)
    .done();
}

function idAt(request: SmbRequest, at: number): string {
  return new ByteReader(request.body, at).take(16).toString('hex');
}

function failure(status: number): SmbAnswer {
  return { status, body: ERROR_BODY };
}

const CLOSED = new ByteWriter().u16(60).zeros(58).done();
