import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { ByteWriter, Malformed } from './bytes.ts';
import type { PipeService } from './pipe.ts';

const HEAD = 4;
const MESSAGE_MODE = 2;
const DEVICE_STATE = 0x05ff;
const LONGEST_GREETING = 1 << 20;

/**
 * Serves a pipe behind smbd, which forwards every pipe that is not its own to the unix socket of that name: one
 * connection is one open pipe (`named_pipe_auth.idl`). Needs the rights of smbd's user.
 */
export async function servePipe(
  folder: string,
  name: string,
  service: PipeService,
): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    void serve(socket, service).catch(() => socket.destroy());
  });
  server.listen(join(folder, name.toLowerCase()));
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function serve(socket: Socket, service: PipeService): Promise<void> {
  const end = service('');
  let rest = Buffer.alloc(0);
  let isGreeted = false;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    if (!isGreeted) {
      if (rest.length < HEAD) continue;
      const length = rest.readUInt32BE();
      if (length > LONGEST_GREETING) throw new Malformed('no smbd says so much');
      if (rest.length < HEAD + length) continue;
      socket.write(greeting(rest.subarray(HEAD, HEAD + length)));
      rest = rest.subarray(HEAD + length);
      isGreeted = true;
    }
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16LE()) {
      const length = rest.readUInt16LE();
      const message = Buffer.from(rest.subarray(2, 2 + length));
      rest = rest.subarray(2 + length);
      const framed = (await end.receive(message)).map((answer) =>
        new ByteWriter().u16(answer.length).bytes(answer).done(),
      );
      if (framed.length > 0) socket.write(Buffer.concat(framed));
    }
  }
}

/** Answers in the level that smbd speaks, whichever that is. */
function greeting(theirs: Buffer): Buffer {
  if (theirs.toString('latin1', 0, 4) !== 'NPAM') throw new Malformed('this is not smbd');
  const level = theirs.readUInt32LE(4);
  const answer = new ByteWriter()
    .bytes(Buffer.from('NPAM', 'latin1'))
    .u32(level)
    .u32(level)
    .u16(MESSAGE_MODE)
    .u16(DEVICE_STATE)
    .zeros(4)
    .u64(4096n)
    .u32(0)
    .done();
  const length = Buffer.alloc(HEAD);
  length.writeUInt32BE(answer.length);
  return Buffer.concat([length, answer]);
}
