import { ByteReader, ByteWriter } from './bytes.ts';
import { readUuid, type Pdu } from './rpc-pdu.ts';
import type { RpcService } from './rpc-service.ts';

const NDR = '8a885d04-1ceb-11c9-9fe8-08002b104860';
const NDR_SYNTAX = Buffer.from('045d888aeb1cc9119fe808002b10486002000000', 'hex');
const FEATURES = '6cb71c2c-9812-4540';
const MOST_CONTEXTS = 16;

export interface Offer {
  readonly maxSend: number;
  readonly maxReceive: number;
  readonly group: number;
  /** Results in order, ready to be sent. */
  readonly results: readonly Buffer[];
  readonly accepted: ReadonlyMap<number, RpcService>;
}

/** C706 12.6.4.3: what a bind or an alter_context asks for, and what it gets. */
export function readOffer({ body }: Pdu, services: readonly RpcService[]): Offer {
  const reader = new ByteReader(body);
  const maxSend = reader.u16();
  const maxReceive = reader.u16();
  const group = reader.u32();
  const count = Math.min(reader.u8(), MOST_CONTEXTS);
  reader.take(3);
  const accepted = new Map<number, RpcService>();
  const results: Buffer[] = [];
  for (let place = 0; place < count; place++) {
    const id = reader.u16();
    const syntaxes = reader.u8();
    reader.u8();
    const uuid = readUuid(reader);
    const version = reader.u32();
    const transfer = Array.from({ length: syntaxes }, () => ({
      uuid: readUuid(reader),
      version: reader.u32(),
    }));
    const service = services.find((one) => one.uuid === uuid && versionOf(one) === version);
    const speaksNdr = transfer.some((syntax) => syntax.uuid === NDR && syntax.version === 2);
    if (transfer.some((syntax) => syntax.uuid.startsWith(FEATURES))) results.push(result(3, 0));
    else if (service === undefined) results.push(result(2, 1));
    else if (!speaksNdr) results.push(result(2, 2));
    else {
      accepted.set(id, service);
      results.push(result(0, 0, NDR_SYNTAX));
    }
  }
  return { maxSend, maxReceive, group, results, accepted };
}

function versionOf({ version: [major, minor] }: RpcService): number {
  return major | (minor << 16);
}

function result(outcome: number, reason: number, syntax: Uint8Array = Buffer.alloc(20)): Buffer {
  return new ByteWriter().u16(outcome).u16(reason).bytes(syntax).done();
}

/** C706 12.6.4.4: a bind_ack, or the answer to an alter_context where there is no address. */
export function bindAnswer(offer: Offer, maxFragment: number, address: string): Buffer {
  const name = Buffer.from(address === '' ? '' : `${address}\0`, 'latin1');
  const writer = new ByteWriter()
    .u16(maxFragment)
    .u16(maxFragment)
    .u32(offer.group === 0 ? 0x53f0 : offer.group)
    .u16(name.length)
    .bytes(name)
    .align(4)
    .u8(offer.results.length)
    .zeros(3);
  for (const one of offer.results) writer.bytes(one);
  return writer.done();
}
