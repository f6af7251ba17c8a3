import { AuthRefusal, type Acceptance, type AcceptStep } from '@slipline/windows-auth/testing';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { OpenPipe } from './smb-pipes.ts';
import { sessionKeys, type SessionKeys } from './smb-crypto.ts';
import { ERROR_BODY, HEADER_LENGTH, STATUS, type SmbAnswer, type SmbRequest } from './smb-message.ts';
import type { Agreement } from './smb-negotiation.ts';
import type { SmbFaults } from './smb-settings.ts';

const FLAG_GUEST = 1;
const FLAG_ENCRYPT = 4;

/** One sign-in, and what it has open. */
export class SmbSession {
  readonly id: bigint;
  readonly trees = new Set<number>();
  readonly pipes = new Map<string, OpenPipe>();
  hash: Buffer;
  /** From the end of the handshake on. */
  keys: SessionKeys | undefined;
  encrypts = false;
  userName = '';

  readonly #acceptance: Acceptance;

  constructor(id: bigint, hash: Buffer, acceptance: Acceptance) {
    this.id = id;
    this.hash = hash;
    this.#acceptance = acceptance;
  }

  /** MS-SMB2 3.3.5.5: one leg. The hash has the request already. */
  setUp(request: SmbRequest, agreement: Agreement, settings: SetUpSettings): SmbAnswer {
    const reader = new ByteReader(request.body, 12);
    const offset = reader.u16();
    const length = reader.u16();
    const token = new ByteReader(request.raw, offset).take(length);
    let step: AcceptStep;
    try {
      step = this.#acceptance.step(token);
    } catch (error) {
      const status = error instanceof AuthRefusal ? error.status : STATUS.logonFailure;
      return { status, body: ERROR_BODY };
    }
    const { token: reply } = step;
    if (!step.done) return { status: STATUS.moreProcessing, body: bodyOf(0, reply), sessionId: this.id };
    if (settings.faults.admitsAsGuest)
      return { status: STATUS.ok, body: bodyOf(FLAG_GUEST, reply), sessionId: this.id };
    const { dialect, cipher } = agreement;
    if (settings.mustEncrypt && cipher === undefined)
      return { status: STATUS.accessDenied, body: ERROR_BODY };
    this.keys = sessionKeys(this.#acceptance.sessionKey, dialect, cipher, this.hash);
    this.userName = step.user?.userName ?? '';
    this.encrypts = cipher !== undefined;
    return { status: STATUS.ok, body: bodyOf(this.encrypts ? FLAG_ENCRYPT : 0, reply), sessionId: this.id };
  }
}

export interface SetUpSettings {
  readonly faults: SmbFaults;
  readonly mustEncrypt: boolean;
}

function bodyOf(flags: number, token: Uint8Array = Buffer.alloc(0)): Buffer {
  return new ByteWriter()
    .u16(9)
    .u16(flags)
    .u16(HEADER_LENGTH + 8)
    .u16(token.length)
    .bytes(token)
    .done();
}
