import { badAnswer } from './errors.ts';
import type { Pipe } from './pipe.ts';
import { PDU_HEADER } from './rpc-pdu.ts';
import type { CallOptions } from './smb-options.ts';

/** What this client announces as the most it receives, and sends where the server takes as much. */
export const LARGEST_FRAGMENT = 4280;

/** PDUs over a pipe, whose messages need not be one PDU each. */
export class RpcFragments {
  readonly #pipe: Pipe;
  #rest: Buffer = Buffer.alloc(0);

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** Sends PDUs, and answers the first of the answer's. */
  async exchange(pdus: readonly Buffer[], options: CallOptions): Promise<Buffer> {
    for (const pdu of pdus.slice(0, -1)) await this.#pipe.write(pdu, options);
    if (this.#rest.length > 0) throw badAnswer('the server sent more than the answer to the last call');
    this.#rest = Buffer.from(await this.#pipe.transceive(pdus.at(-1)!, options));
    return await this.next(options);
  }

  /** Sends a PDU that has no answer. */
  async send(pdu: Buffer, options: CallOptions): Promise<void> {
    await this.#pipe.write(pdu, options);
  }

  async next(options: CallOptions): Promise<Buffer> {
    await this.#fill(PDU_HEADER, options);
    const length = this.#rest.readUInt16LE(8);
    if (length < PDU_HEADER || length > LARGEST_FRAGMENT)
      throw badAnswer(
        `the server sent an RPC fragment of ${length} octets, where ${LARGEST_FRAGMENT} are the most`,
      );
    await this.#fill(length, options);
    const pdu = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return pdu;
  }

  async #fill(length: number, options: CallOptions): Promise<void> {
    while (this.#rest.length < length) {
      const more = await this.#pipe.read(options);
      if (more.length === 0) throw badAnswer('the server sent an empty message');
      this.#rest = Buffer.concat([this.#rest, more]);
    }
  }
}
