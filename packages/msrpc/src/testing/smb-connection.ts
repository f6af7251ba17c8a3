import type { Socket } from 'node:net';
import { Malformed } from './bytes.ts';
import { CreditWindow } from './credit-window.ts';
import { decryptMessage, encryptMessage, extendHash, isSignedRight, signatureOf } from './smb-crypto.ts';
import { frames } from './smb-frames.ts';
import { SmbCommands } from './smb-commands.ts';
import {
  ERROR_BODY,
  FLAG_SIGNED,
  formatAnswer,
  parseRequest,
  STATUS,
  type SmbAnswer,
  type SmbRequest,
} from './smb-message.ts';
import { negotiate, type Agreement } from './smb-negotiation.ts';
import { SmbSession } from './smb-session.ts';
import type { FakeSmbOptions, SmbFaults } from './smb-settings.ts';

const NO_SESSION = 0n;
const CANNOT_SIGN = 0;
const MUST_SIGN = 3;

export interface ConnectionSettings {
  readonly options: FakeSmbOptions;
  readonly faults: SmbFaults;
  /** Told of every request that could be read. */
  readonly onRequest: (request: SmbRequest) => void;
  readonly onSignIn: (userName: string) => void;
}

/** One client's connection. Whatever a real server would not put up with ends it. */
export class SmbConnection {
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #commands: SmbCommands;
  readonly #sessions = new Map<bigint, SmbSession>();
  readonly #window = new CreditWindow();
  #hash: Buffer = Buffer.alloc(64);
  #agreement: Agreement | undefined;
  #nonce = 0n;
  #nextSession = 0x0000_1000_0000_0019n;
  #nextAsync = 1n;

  constructor(socket: Socket, settings: ConnectionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#commands = new SmbCommands(settings);
  }

  /** Ends with the connection. */
  async serve(): Promise<void> {
    try {
      for await (const message of frames(this.#socket)) {
        const { request, session, isEncrypted } = this.#open(message);
        this.#settings.onRequest(request);
        // What changes a session is done at once; what waits for a pipe does not keep others waiting.
        void this.#handle(request, session, isEncrypted).catch(() => this.#socket.destroy());
      }
    } catch {
      // A client that goes, or one that sends what no client may.
    }
    this.#socket.destroy();
  }

  /** Takes off what protects a message, and refuses one that lacks it. */
  #open(message: Buffer): Opened {
    const isEncrypted = message.toString('latin1', 0, 4) === '\xfdSMB';
    const sealer = isEncrypted ? this.#sessions.get(message.readBigUInt64LE(44)) : undefined;
    const cipher = this.#agreement?.cipher;
    if (isEncrypted && (sealer?.keys === undefined || cipher === undefined))
      throw new Malformed('a transform without a session');
    const plain =
      sealer?.keys === undefined || cipher === undefined
        ? message
        : decryptMessage(message, sealer.keys.fromClient, cipher);
    const request = parseRequest(plain);
    if (request.command !== 'cancel') this.#window.use(request.messageId);
    const session = this.#sessions.get(request.sessionId);
    if (isEncrypted && session !== sealer) throw new Malformed('a session inside another one');
    return { request, session, isEncrypted };
  }

  async #handle(request: SmbRequest, session: SmbSession | undefined, isEncrypted: boolean): Promise<void> {
    const fault = this.#settings.faults.commands.get(request.command);
    if (fault === 'drop') return void this.#socket.destroy();
    if (fault === 'hang') return;
    if (typeof fault === 'object' && 'raw' in fault) return void this.#socket.write(fault.raw);
    if (typeof fault === 'object' && 'status' in fault)
      return this.#answer(request, { status: fault.status, body: ERROR_BODY }, session, isEncrypted);
    if (request.command === 'negotiate') return this.#negotiate(request);
    if (request.command === 'session-setup') return this.#setUp(request, session);
    const refusal = this.#refusal(request, session, isEncrypted);
    if (refusal !== undefined || session === undefined || this.#agreement === undefined) {
      const status = refusal ?? STATUS.sessionDeleted;
      return this.#answer(request, { status, body: ERROR_BODY }, session, isEncrypted);
    }
    let asyncId: bigint | undefined;
    const wait = (): void => {
      asyncId = this.#nextAsync++;
      const pending = { status: STATUS.pending, body: ERROR_BODY, asyncId };
      this.#answer(request, pending, session, isEncrypted);
    };
    const answer = await this.#commands.run(request, session, this.#agreement, wait);
    if (answer === 'close') return void this.#socket.destroy();
    if (answer === undefined) return;
    this.#answer(request, { ...answer, asyncId }, session, isEncrypted);
    if (request.command === 'logoff') this.#sessions.delete(session.id);
  }

  /** MS-SMB2 3.3.5.2.4 and 3.3.5.2.9. */
  #refusal(request: SmbRequest, session: SmbSession | undefined, isEncrypted: boolean): number | undefined {
    if (session?.keys === undefined || this.#agreement === undefined) return STATUS.sessionDeleted;
    if (isEncrypted) return undefined;
    if (session.encrypts) return STATUS.accessDenied;
    if (this.#settings.faults.refusesSigning) return undefined;
    const isSigned = (request.flags & FLAG_SIGNED) !== 0;
    if (!isSigned || !isSignedRight(request.raw, session.keys.signing, this.#agreement.signing))
      return STATUS.accessDenied;
    return undefined;
  }

  #negotiate(request: SmbRequest): void {
    if (this.#agreement !== undefined) throw new Malformed('negotiated twice');
    const { options, faults } = this.#settings;
    const made = negotiate(request, options, faults.refusesSigning ? CANNOT_SIGN : MUST_SIGN);
    if (!('agreement' in made))
      return this.#answer(request, { status: made.status, body: ERROR_BODY }, undefined, false);
    this.#agreement = made.agreement;
    this.#hash = extendHash(this.#hash, request.raw);
    const message = this.#write(request, { status: STATUS.ok, body: made.body }, undefined, false);
    this.#hash = extendHash(this.#hash, message);
  }

  #setUp(request: SmbRequest, known: SmbSession | undefined): void {
    const agreement = this.#agreement;
    if (agreement === undefined) throw new Malformed('a session before the negotiation');
    if (request.sessionId !== NO_SESSION && known === undefined)
      return this.#answer(request, { status: STATUS.sessionDeleted, body: ERROR_BODY }, undefined, false);
    const session = known ?? this.#newSession(request);
    session.hash = extendHash(session.hash, request.raw);
    const { faults, options } = this.#settings;
    const mustEncrypt = options.encryption === 'required';
    const answer = session.setUp(request, agreement, { faults, mustEncrypt });
    if (answer.status === STATUS.ok) this.#settings.onSignIn(session.userName);
    if (answer.status !== STATUS.ok && answer.status !== STATUS.moreProcessing)
      this.#sessions.delete(session.id);
    const message = this.#write(request, answer, answer.status === STATUS.ok ? session : undefined, false);
    if (answer.status === STATUS.moreProcessing) session.hash = extendHash(session.hash, message);
  }

  #newSession(request: SmbRequest): SmbSession {
    const isRaw = request.raw.indexOf('NTLMSSP\0', 64, 'latin1') === 64 + 24;
    const acceptance = this.#settings.options.accept(isRaw ? 'ntlm' : 'negotiate');
    const session = new SmbSession(this.#nextSession++, this.#hash, acceptance);
    this.#sessions.set(session.id, session);
    return session;
  }

  #answer(
    request: SmbRequest,
    answer: SmbAnswer,
    session: SmbSession | undefined,
    isEncrypted: boolean,
  ): void {
    this.#write(request, answer, session, isEncrypted);
  }

  /** Sends an answer as it has to be protected; answers the message before that. */
  #write(
    request: SmbRequest,
    answer: SmbAnswer,
    session: SmbSession | undefined,
    isEncrypted: boolean,
  ): Buffer {
    const { faults } = this.#settings;
    const fault = faults.commands.get(request.command);
    const credits = this.#window.grant(
      answer.asyncId !== undefined && answer.status !== STATUS.pending ? 0 : request.credits,
    );
    const plain = formatAnswer(request, answer, credits);
    const message =
      typeof fault === 'object' && 'rewrite' in fault ? fault.rewrite(Buffer.from(plain)) : plain;
    const isBare = session?.keys === undefined || fault === 'unprotected' || faults.refusesSigning;
    const sent = isBare ? message : this.#protect(message, session, isEncrypted);
    if (fault === 'tampered') sent[4] = (sent[4] ?? 0) ^ (isEncrypted ? 0xff : 0);
    if (fault === 'tampered' && !isEncrypted) sent[48] = (sent[48] ?? 0) ^ 0xff;
    const frame = Buffer.alloc(4);
    frame.writeUInt32BE(sent.length);
    this.#socket.write(Buffer.concat([frame, sent]));
    return sent;
  }

  #protect(message: Buffer, session: SmbSession, isEncrypted: boolean): Buffer {
    const { keys } = session;
    const agreement = this.#agreement;
    if (keys === undefined || agreement === undefined) return message;
    if (isEncrypted && agreement.cipher !== undefined)
      return encryptMessage(message, keys.toClient, agreement.cipher, this.#nonce++, session.id);
    message.writeUInt32LE(message.readUInt32LE(16) | FLAG_SIGNED, 16);
    signatureOf(message, keys.signing, agreement.signing).copy(message, 48);
    return message;
  }
}

interface Opened {
  readonly request: SmbRequest;
  readonly session: SmbSession | undefined;
  readonly isEncrypted: boolean;
}
