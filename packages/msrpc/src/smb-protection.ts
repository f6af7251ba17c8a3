import { badAnswer, MsrpcError } from './errors.ts';
import { isEncrypted, type SmbSealer } from './smb-encryption.ts';
import { decodeHeader, SmbFlag } from './smb-message.ts';
import type { SmbSigner } from './smb-signing.ts';
import { NtStatus } from './smb-statuses.ts';

const NEXT =
  'somebody between may change what is sent, or the server has forgotten the session; connect again';

/** What every message of a session goes through: signing, or encryption, which stands in for it. */
export interface Protection {
  apply(message: Buffer): Buffer;
  /** Throws where an answer does not carry the protection that was agreed. */
  remove(frame: Buffer): Buffer;
}

export function signed(signer: SmbSigner): Protection {
  return {
    apply: (message) => {
      signer.sign(message);
      return message;
    },
    remove: (frame) => {
      if (isEncrypted(frame)) throw badAnswer('the server encrypted what was to be signed');
      verifySignature(signer, frame);
      return frame;
    },
  };
}

export function encrypted(sealer: SmbSealer): Protection {
  return {
    apply: (message) => sealer.encrypt(message),
    remove: (frame) => {
      if (isEncrypted(frame)) return sealer.decrypt(frame);
      throw new MsrpcError('encryption-refused', 'the server answered in clear where encryption was agreed', {
        next: NEXT,
      });
    },
  };
}

/** The interim answer that says "later" may go unsigned (MS-SMB2 3.2.5.1.3); it carries nothing. */
export function verifySignature(signer: SmbSigner, message: Buffer): void {
  const { flags, status } = decodeHeader(message);
  if (status === NtStatus.PENDING && (flags & SmbFlag.ASYNC) !== 0) return;
  if ((flags & SmbFlag.SIGNED) === 0)
    throw new MsrpcError('signing-refused', 'the server sent an answer without a signature', { next: NEXT });
  if (!signer.isSigned(message))
    throw new MsrpcError('tampered', 'the signature of an SMB message is wrong', { next: NEXT });
}
