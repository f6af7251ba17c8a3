import { randomBytes } from 'node:crypto';
import { COMPUTER_CLOCK, type Clock } from './clock.ts';
import { MsrpcError } from './errors.ts';
import type { Pipe } from './pipe.ts';
import { SmbChannel } from './smb-channel.ts';
import { SMB_DIALECTS, type SmbCipher, type SmbDialect, type SmbSigning } from './smb-dialects.ts';
import { PreauthHash } from './smb-keys.ts';
import { decodeNegotiate, encodeNegotiate, type Agreement, type Offer } from './smb-negotiate.ts';
import type { CallOptions, SmbOptions } from './smb-options.ts';
import { openSmbPipe, type SmbPipe } from './smb-pipe.ts';
import { encryptionRefused, signIn, type SmbSession } from './smb-session.ts';
import { connectShare, validateNegotiation } from './smb-share.ts';

/** Milliseconds. */
const ANSWER_TIMEOUT = 30_000;
const CLOSING_TIMEOUT = 2_000;
const PIPE_NAME = /^[^\\/\0]{1,250}$/;
const HOST = /^[^\\/\0\s]{1,255}$/;

/** A signed-in SMB connection with the share `IPC$`, for any number of pipes. */
export interface SmbConnection extends AsyncDisposable {
  readonly dialect: SmbDialect;
  readonly signing: SmbSigning;
  /** What every message is encrypted with, or nothing where it is signed only. */
  readonly cipher: SmbCipher | undefined;
  /** False once the server, an error or `close` has ended it. */
  readonly isOpen: boolean;
  /** Opens a pipe by its name without `\PIPE\`, e.g. `LSM_API_service`. */
  openPipe(name: string, options: CallOptions): Promise<Pipe>;
  /** Closes what is open, signs out and ends the socket. Idempotent; never throws; waits at most 2 seconds for the server. */
  close(): Promise<void>;
}

/**
 * Negotiates SMB 2.0.2 to 3.1.1, signs in and connects to `IPC$`. Throws `MsrpcError`, what the security context throws, or the
 * signal's reason; the socket is destroyed then.
 */
export async function connectSmb(options: SmbOptions): Promise<SmbConnection> {
  const { socket, clock = COMPUTER_CLOCK, timeout = ANSWER_TIMEOUT } = options;
  const channel = new SmbChannel(socket, { clock, timeout });
  try {
    return await connect(channel, options);
  } catch (error) {
    channel.end(closed());
    throw error;
  }
}

async function connect(channel: SmbChannel, options: SmbOptions): Promise<SmbConnection> {
  const { signal, host, clock = COMPUTER_CLOCK, encryption = 'preferred' } = options;
  if (!HOST.test(host))
    throw new MsrpcError('invalid-arguments', 'the name of the host cannot be part of a path');
  const offer = offerOf(options);
  const preauth = new PreauthHash();
  const agreement = await negotiate(channel, { offer, preauth }, { signal });
  if (encryption === 'required' && agreement.cipher === undefined) throw encryptionRefused();
  using security = options.security();
  const session = await signIn(channel, { security, agreement, preauth, encryption, signal });
  const { treeId, wantsEncryption } = await connectShare(channel, host, { signal });
  if (wantsEncryption && !session.isEncrypted) session.encrypt();
  if (agreement.dialect !== '3.1.1' && offersMore(offer, agreement.dialect))
    await validateNegotiation(channel, { offer, agreement, treeId }, { signal });
  return new Connection({ channel, clock, agreement, session, treeId });
}

async function negotiate(
  channel: SmbChannel,
  { offer, preauth }: { readonly offer: Offer; readonly preauth: PreauthHash },
  options: CallOptions,
): Promise<Agreement> {
  const question = { command: 'NEGOTIATE', body: encodeNegotiate(offer) } as const;
  const { request, message } = await channel.ask(question, options).catch((error: unknown) => {
    throw MsrpcError.is(error) && error.code === 'unreachable' ? hungUp(error) : error;
  });
  preauth.add(request);
  preauth.add(message);
  const agreement = decodeNegotiate(message, offer);
  if (agreement.dialect !== '2.0.2') channel.chargeCredits();
  return agreement;
}

function offerOf({ dialects, ciphers, signings }: SmbOptions): Offer {
  return {
    dialects: dialects ?? (Object.keys(SMB_DIALECTS) as SmbDialect[]),
    ciphers: ciphers ?? ['aes-128-gcm', 'aes-256-gcm', 'aes-128-ccm', 'aes-256-ccm'],
    signings: signings ?? ['aes-gmac', 'aes-cmac', 'hmac-sha256'],
    clientGuid: randomBytes(16),
    salt: randomBytes(32),
  };
}

/** Where only SMB 2 was offered, there is nothing to be talked out of. */
function offersMore({ dialects }: Offer, dialect: SmbDialect): boolean {
  return dialect.startsWith('3.') || dialects.some((each) => each.startsWith('3.'));
}

interface Established {
  readonly channel: SmbChannel;
  readonly clock: Clock;
  readonly agreement: Agreement;
  readonly session: SmbSession;
  readonly treeId: number;
}

class Connection implements SmbConnection {
  readonly #established: Established;
  readonly #pipes = new Set<SmbPipe>();
  #closing: Promise<void> | undefined;

  constructor(established: Established) {
    this.#established = established;
  }

  get dialect(): SmbDialect {
    return this.#established.agreement.dialect;
  }

  get signing(): SmbSigning {
    return this.#established.agreement.signing;
  }

  get cipher(): SmbCipher | undefined {
    const { session, agreement } = this.#established;
    return session.isEncrypted ? agreement.cipher : undefined;
  }

  get isOpen(): boolean {
    return this.#closing === undefined && this.#established.channel.isOpen;
  }

  async openPipe(name: string, options: CallOptions): Promise<Pipe> {
    if (!PIPE_NAME.test(name)) throw new MsrpcError('invalid-arguments', 'this cannot be the name of a pipe');
    if (this.#closing !== undefined) throw closed();
    const onClose = (closing: SmbPipe) => this.#pipes.delete(closing);
    const settings = { ...this.#established, patience: CLOSING_TIMEOUT, onClose };
    const pipe = await openSmbPipe(name, settings, options);
    this.#pipes.add(pipe);
    return pipe;
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const { channel, clock, treeId } = this.#established;
    const body = Buffer.of(4, 0, 0, 0);
    const patience = new AbortController();
    const silence = clock.after(CLOSING_TIMEOUT, () => patience.abort());
    await Promise.all([...this.#pipes].map((pipe) => pipe.close()));
    await channel.ask({ command: 'TREE_DISCONNECT', body, treeId }, patience).catch(() => undefined);
    await channel.ask({ command: 'LOGOFF', body }, patience).catch(() => undefined);
    silence();
    channel.end(closed());
  }
}

/** What Samba does to whoever speaks SMB 2 to it, where it has only SMB 1. */
function hungUp(cause: MsrpcError): MsrpcError {
  return new MsrpcError('unreachable', 'the server closed the connection instead of negotiating SMB 2 or 3', {
    next: 'check that the address is that of an SMB server, and switch on SMB 2 or 3 there',
    cause,
  });
}

function closed(): MsrpcError {
  return new MsrpcError('closed', 'the SMB connection is closed', { next: 'connect again' });
}
