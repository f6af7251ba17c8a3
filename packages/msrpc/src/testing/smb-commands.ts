import { ByteReader, ByteWriter } from './bytes.ts';
import { ERROR_BODY, STATUS, type SmbAnswer, type SmbRequest } from './smb-message.ts';
import type { Agreement } from './smb-negotiation.ts';
import { ioctlBody, SmbPipes, type Wait } from './smb-pipes.ts';
import type { SmbSession } from './smb-session.ts';
import type { FakeSmbOptions, SmbFaults } from './smb-settings.ts';

const VALIDATE = 0x00140204;
const ALL_ONES = Buffer.alloc(16, 0xff);

/** What a command of somebody who signed in comes to; `close` ends the connection. */
export class SmbCommands {
  readonly #pipes: SmbPipes;
  readonly #faults: SmbFaults;
  #nextTree = 1;

  constructor({ options, faults }: { readonly options: FakeSmbOptions; readonly faults: SmbFaults }) {
    this.#pipes = new SmbPipes(options.pipes, options.maxTransact ?? 65_536);
    this.#faults = faults;
  }

  async run(
    request: SmbRequest,
    session: SmbSession,
    agreement: Agreement,
    wait: Wait,
  ): Promise<SmbAnswer | 'close' | undefined> {
    const { command, treeId } = request;
    if (command === 'tree-connect') return this.#connectTree(request, session);
    if (command === 'logoff' || command === 'echo') return plain();
    // The read that was cancelled goes on waiting, and with it goes nothing.
    if (command === 'cancel') return undefined;
    if (command === 'ioctl' && new ByteReader(request.body, 4).u32() === VALIDATE)
      return this.#validate(request, agreement);
    if (!session.trees.has(treeId)) return { status: STATUS.badNetworkName, body: ERROR_BODY };
    switch (command) {
      case 'tree-disconnect':
        session.trees.delete(treeId);
        return plain();
      case 'create':
        return this.#pipes.create(request, session);
      case 'close':
        return this.#pipes.close(request, session);
      case 'read':
        return this.#pipes.read(request, session, wait);
      case 'write':
        return this.#pipes.write(request, session);
      case 'ioctl':
        return this.#pipes.transceive(request, session, wait);
      default:
        return 'close';
    }
  }

  #connectTree(request: SmbRequest, session: SmbSession): SmbAnswer {
    const reader = new ByteReader(request.body, 4);
    const offset = reader.u16();
    const path = new ByteReader(request.raw, offset).take(reader.u16()).toString('utf16le');
    if (!/^\\\\[^\\]+\\IPC\$$/i.test(path)) return { status: STATUS.badNetworkName, body: ERROR_BODY };
    const treeId = this.#nextTree++;
    session.trees.add(treeId);
    const body = new ByteWriter().u16(16).u8(2).u8(0).u32(0x30).u32(0).u32(0x001f00a9).done();
    return { status: STATUS.ok, body, treeId };
  }

  /** MS-SMB2 3.3.5.15.12. */
  #validate(request: SmbRequest, agreement: Agreement): SmbAnswer | 'close' {
    if (agreement.dialect === 0x0311) return 'close';
    const reader = new ByteReader(request.body, 24);
    const offset = reader.u32();
    const input = new ByteReader(request.raw, offset).take(reader.u32());
    const said = new ByteReader(input);
    const { client } = agreement;
    const capabilities = said.u32();
    const guid = said.take(16);
    const mode = said.u16();
    const dialects = Array.from({ length: said.u16() }, () => said.u16());
    const isSame =
      capabilities === client.capabilities &&
      guid.equals(client.guid) &&
      mode === client.mode &&
      dialects.join() === client.dialects.join();
    if (!isSame) return 'close';
    const answer = new ByteWriter()
      .u32(agreement.capabilities)
      .bytes(agreement.serverGuid)
      .u16(agreement.securityMode)
      .u16(this.#faults.liesAboutNegotiation ? 0x0311 : agreement.dialect)
      .done();
    return { status: STATUS.ok, body: ioctlBody(VALIDATE, ALL_ONES, answer) };
  }
}

function plain(): SmbAnswer {
  return { status: STATUS.ok, body: new ByteWriter().u16(4).u16(0).done() };
}
