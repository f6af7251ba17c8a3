import { open } from 'node:fs/promises';

const CHUNK = 64 * 1024;

/** The lines of a file of text, the last one first, without reading more of it than is asked for. */
export async function* linesBackwards(path: string): AsyncGenerator<string> {
  const file = await open(path, 'r');
  try {
    let end = (await file.stat()).size;
    /** The beginning of what was read, whose line may begin before it. */
    let rest = Buffer.alloc(0);
    while (end > 0) {
      const start = Math.max(0, end - CHUNK);
      const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
      const lines = splitLines(Buffer.concat([buffer, rest]));
      rest = Buffer.from(lines.shift() as Buffer);
      end = start;
      for (const line of lines.reverse()) if (line.length > 0) yield line.toString('utf8');
    }
    if (rest.length > 0) yield rest.toString('utf8');
  } finally {
    await file.close();
  }
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, at));
    start = at + 1;
  }
  lines.push(bytes.subarray(start));
  return lines;
}
