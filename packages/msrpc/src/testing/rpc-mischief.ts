import { LAST } from './rpc-pdu.ts';
import type { RpcMischief } from './rpc-service.ts';

/** Fragments as somebody sends them who wants to upset a client. */
export function spoil(fragments: readonly Buffer[], mischief: RpcMischief | undefined): readonly Buffer[] {
  const [first, second, ...rest] = fragments;
  if (first === undefined || typeof mischief === 'object') return fragments;
  switch (mischief) {
    case 'truncated': {
      const last = fragments.at(-1) ?? first;
      return [...fragments.slice(0, -1), last.subarray(0, last.length >> 1)];
    }
    case 'oversized':
      return fragments.map((fragment) => altered(fragment, (copy) => copy.writeUInt16LE(0xffff, 8)));
    case 'replayed':
      return [first, ...fragments];
    case 'reordered':
      return second === undefined ? fragments : [second, first, ...rest];
    case 'tampered':
      return [altered(first, (copy) => copy.writeUInt8(copy.readUInt8(28) ^ 1, 28)), ...fragments.slice(1)];
    case 'endless':
      return fragments.map((fragment) =>
        altered(fragment, (copy) => copy.writeUInt8(copy.readUInt8(3) & ~LAST, 3)),
      );
    case 'hang':
    case 'clear':
    case 'strange-call':
    case undefined:
      return fragments;
    default:
      return mischief satisfies never;
  }
}

function altered(fragment: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(fragment);
  change(copy);
  return copy;
}
