import { Malformed } from './bytes.ts';

const LONGEST = 1 << 20;

/** The messages in a stream (MS-SMB2 2.1), without their frames. */
export async function* frames(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0);
      if (length > LONGEST) throw new Malformed('no client sends so much at once');
      if (rest.length < 4 + length) break;
      yield Buffer.from(rest.subarray(4, 4 + length));
      rest = rest.subarray(4 + length);
    }
  }
}
