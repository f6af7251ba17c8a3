import type { Accept } from './acceptor.ts';
import type { PipeService } from './pipe.ts';
import type { CipherName, SigningName } from './smb-crypto.ts';
import type { SmbCommand } from './smb-message.ts';

export interface FakeSmbOptions {
  readonly accept: Accept;
  /** By name, in lower case. */
  readonly pipes: ReadonlyMap<string, PipeService>;
  /** 0x0202, 0x0210, 0x0300, 0x0302, 0x0311; all of them when absent. */
  readonly dialects?: readonly number[] | undefined;
  /** `required` refuses clients that cannot; `desired` when absent. */
  readonly encryption?: 'off' | 'desired' | 'required' | undefined;
  /** What 3.1.1 may choose from, best first. */
  readonly ciphers?: readonly CipherName[] | undefined;
  readonly signings?: readonly SigningName[] | undefined;
  /** Octets of one answer; more is read in parts. 65,536 when absent. */
  readonly maxTransact?: number | undefined;
  /** Where to listen; 127.0.0.1 and a free port when absent. */
  readonly port?: number | undefined;
}

/** What goes wrong with one command. */
export type SmbFault =
  /** No answer, while the connection stays. */
  | 'hang'
  /** The connection is closed instead of an answer. */
  | 'drop'
  /** The answer is neither signed nor encrypted. */
  | 'unprotected'
  /** The signature or tag does not fit the answer. */
  | 'tampered'
  /** This status instead of an answer. */
  | { readonly status: number }
  /** The answer, before it is signed and encrypted, becomes this. */
  | { readonly rewrite: (message: Buffer) => Buffer }
  /** These octets instead of an answer, with the frame. */
  | { readonly raw: Uint8Array };

export interface SmbFaults {
  readonly commands: Map<SmbCommand, SmbFault>;
  /** Accepts connections and reads nothing. */
  isSilent: boolean;
  /** Speaks SMB 1 only. */
  isOldOnly: boolean;
  /** Says that it neither requires nor supports signing, and signs nothing. */
  refusesSigning: boolean;
  /** Signs people in as guests, without keys. */
  admitsAsGuest: boolean;
  /** What 0x00140204 answers differs from what was negotiated. */
  liesAboutNegotiation: boolean;
}

export function noSmbFaults(): SmbFaults {
  return {
    commands: new Map(),
    isSilent: false,
    isOldOnly: false,
    refusesSigning: false,
    admitsAsGuest: false,
    liesAboutNegotiation: false,
  };
}
