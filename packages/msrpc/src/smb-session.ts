import type { SecurityContext } from '@slipline/windows-auth';
import { badAnswer, MsrpcError } from './errors.ts';
import type { SmbChannel } from './smb-channel.ts';
import { SmbSealer } from './smb-encryption.ts';
import { deriveKeys, type PreauthHash } from './smb-keys.ts';
import { HEADER_SIZE, SmbBody } from './smb-message.ts';
import { SIGNING_REQUIRED, type Agreement } from './smb-negotiate.ts';
import type { CallOptions, SmbEncryption } from './smb-options.ts';
import { encrypted, signed, verifySignature } from './smb-protection.ts';
import { SmbSigner } from './smb-signing.ts';
import { NtStatus } from './smb-statuses.ts';

const SessionFlag = { GUEST: 1, NULL: 2, ENCRYPT: 4 } as const;
const MOST_LEGS = 8;
const LARGEST_TOKEN = 0xffff;

export interface SignInOptions extends CallOptions {
  readonly security: SecurityContext;
  readonly agreement: Agreement;
  readonly preauth: PreauthHash;
  readonly encryption: SmbEncryption;
}

export interface SmbSession {
  readonly isEncrypted: boolean;
  /** Encrypts from here on, where only a share asked for it. */
  encrypt(): void;
}

/** SESSION_SETUP until both sides are content (MS-SMB2 3.2.4.2.3, 3.2.5.3); the channel is protected afterwards. */
export async function signIn(channel: SmbChannel, options: SignInOptions): Promise<SmbSession> {
  const { security, agreement, preauth, encryption } = options;
  const { flags, sessionId, message } = await exchangeTokens(channel, options);
  if ((flags & (SessionFlag.GUEST | SessionFlag.NULL)) !== 0) throw guestRefused();

  const keys = deriveKeys(security.sessionKey, { ...agreement, preauth: preauth.value });
  const signer = new SmbSigner(agreement.signing, keys.signing);
  verifySignature(signer, message);

  const { cipher } = agreement;
  const sealer = cipher && new SmbSealer(cipher, keys, sessionId);
  const session = {
    isEncrypted: false,
    encrypt() {
      if (sealer === undefined) throw encryptionRefused();
      channel.protect(encrypted(sealer));
      this.isEncrypted = true;
    },
  };
  channel.protect(signed(signer));
  const isAsked = (flags & SessionFlag.ENCRYPT) !== 0 || encryption === 'required';
  if (isAsked || (encryption === 'preferred' && sealer !== undefined)) session.encrypt();
  return session;
}

interface Accepted {
  readonly flags: number;
  readonly sessionId: bigint;
  readonly message: Buffer;
}

async function exchangeTokens(channel: SmbChannel, options: SignInOptions): Promise<Accepted> {
  const { security, preauth } = options;
  let token = await security.step();
  for (let leg = 0; leg < MOST_LEGS; leg += 1) {
    const answer = await channel.ask(
      {
        command: 'SESSION_SETUP',
        body: encodeSessionSetup(token ?? new Uint8Array()),
        accept: [NtStatus.MORE_PROCESSING_REQUIRED],
      },
      options,
    );
    preauth.add(answer.request);
    const body = new SmbBody('SESSION_SETUP', answer.message, 9);
    const theirs = body.variable(body.u16(4), body.u16(6));
    channel.enterSession(answer.sessionId);
    if (answer.status === NtStatus.SUCCESS) {
      if (!security.isComplete) await security.step(theirs);
      if (!security.isComplete) throw badAnswer('the server ended the sign-in before it was complete');
      return { flags: body.u16(2), sessionId: answer.sessionId, message: answer.message };
    }
    preauth.add(answer.message);
    token = await security.step(theirs);
  }
  throw badAnswer(`the server did not end the sign-in after ${MOST_LEGS} messages`);
}

/** MS-SMB2 2.2.5. */
function encodeSessionSetup(token: Uint8Array): Buffer {
  if (token.length > LARGEST_TOKEN)
    throw new MsrpcError('invalid-arguments', 'the sign-in makes a token too large for SMB');
  const fixed = Buffer.alloc(24);
  fixed.writeUInt16LE(25, 0);
  fixed.writeUInt8(SIGNING_REQUIRED, 3);
  fixed.writeUInt16LE(HEADER_SIZE + fixed.length, 12);
  fixed.writeUInt16LE(token.length, 14);
  return Buffer.concat([fixed, token]);
}

function guestRefused(): MsrpcError {
  return new MsrpcError('guest-refused', 'the server took the sign-in for that of a guest', {
    next: 'check the user name; a guest has no keys, and so nothing that protects the connection',
  });
}

export function encryptionRefused(): MsrpcError {
  return new MsrpcError('encryption-refused', 'encryption is required, and the server has none in common', {
    next: 'allow SMB 3 encryption on the server, or connect without requiring it',
  });
}
