import { type SecurityContext } from '@slipline/windows-auth';
import { badAnswer, MsrpcError } from './errors.ts';
import {
  authenticationOf,
  CALL_HEADER,
  encodePdu,
  encodeTrailer,
  TRAILER,
  type AuthTrailer,
  type PduHeader,
} from './rpc-pdu.ts';

export type RpcLevel = 'integrity' | 'privacy';

const LEVELS: Readonly<Record<RpcLevel, number>> = { integrity: 5, privacy: 6 };

/** How each mechanism is called (MS-RPCE 2.2.1.1.7), and the octets of its tokens, which headers tell before there is one. */
const MECHANISMS: Readonly<Partial<Record<SecurityContext['mechanism'], Mechanism>>> = {
  negotiate: { type: 9, tokens: { integrity: 16, privacy: 16 } },
  ntlm: { type: 10, tokens: { integrity: 16, privacy: 16 } },
  // Of AES with HMAC-SHA1 (RFC 3962, RFC 4121) in DCE style, which every domain has.
  kerberos: { type: 16, tokens: { privacy: 76 } },
};

interface Mechanism {
  readonly type: number;
  readonly tokens: Readonly<Partial<Record<RpcLevel, number>>>;
}

/** What stubs are padded to (MS-RPCE 2.2.2.11). */
const BLOCK = 16;
/** One sign-in for all PDUs of an association. */
const CONTEXT_ID = 1;

const TAMPERED = 'somebody between may change what is sent; connect again';

/** Signs and encrypts fragments, and checks those that come (MS-RPCE 2.2.2.11, 3.3.1.5.2). */
export class RpcSecurity {
  readonly #context: SecurityContext;
  readonly #level: RpcLevel;
  readonly #type: number;
  readonly #tokenSize: number;

  constructor(context: SecurityContext, level: RpcLevel) {
    const { type, tokens } = MECHANISMS[context.mechanism] ?? {};
    const tokenSize = tokens?.[level];
    if (type === undefined || tokenSize === undefined)
      throw new MsrpcError('invalid-arguments', `RPC has no ${level} with ${context.mechanism} here`, {
        next: 'use privacy with NTLM, SPNEGO or Kerberos',
      });
    this.#context = context;
    this.#level = level;
    this.#type = type;
    this.#tokenSize = tokenSize;
  }

  get context(): SecurityContext {
    return this.#context;
  }

  /** The largest stub of a fragment of at most `size` octets. */
  room(size: number): number {
    const room = size - CALL_HEADER - TRAILER - this.#tokenSize;
    return room - (room % BLOCK);
  }

  /** A PDU of the handshake: nothing is signed yet, the token comes along. */
  handshake(header: Omit<PduHeader, 'authLength'>, body: Uint8Array, token: Uint8Array): Buffer {
    const padding = Buffer.alloc((4 - (body.length % 4)) % 4);
    const trailer = encodeTrailer(this.#trailer(padding.length));
    return encodePdu({ ...header, authLength: token.length }, body, padding, trailer, token);
  }

  /** The server's token, out of an answer of the handshake. */
  tokenOf(pdu: Buffer, header: PduHeader): Uint8Array | undefined {
    const authentication = authenticationOf(pdu, header);
    if (authentication === undefined) return undefined;
    this.#expectSame(authentication.trailer);
    return new Uint8Array(authentication.token);
  }

  /** A request, whose `callHeader` follows the common one. */
  protect(header: Omit<PduHeader, 'authLength'>, callHeader: Buffer, stub: Uint8Array): Buffer {
    const size = this.#tokenSize;
    const padding = (BLOCK - (stub.length % BLOCK)) % BLOCK;
    const trailer = encodeTrailer(this.#trailer(padding));
    const body = Buffer.concat([stub], stub.length + padding);
    const pdu = encodePdu({ ...header, authLength: size }, callHeader, body, trailer, Buffer.alloc(size));
    const to = pdu.length - size - TRAILER;
    const token = this.#seal(pdu, to - body.length, to);
    if (token.length !== size) throw unknownToken(token.length);
    pdu.set(token, pdu.length - size);
    return pdu;
  }

  /** The stub of an answer. Throws `tampered` for anything but the next fragment that the server signed. */
  unprotect(pdu: Buffer, header: PduHeader, headerSize: number): Uint8Array {
    const authentication = authenticationOf(pdu, header);
    if (authentication === undefined)
      throw new MsrpcError('tampered', 'the server answered without a signature', { next: TAMPERED });
    const { trailer, token, at } = authentication;
    this.#expectSame(trailer);
    if (at < headerSize || trailer.padding > at - headerSize) throw badAnswer('an RPC fragment is cut off');
    const body = this.#open(pdu, { from: headerSize, to: at, token });
    return body.subarray(0, body.length - trailer.padding);
  }

  #trailer(padding: number): AuthTrailer {
    return { type: this.#type, level: LEVELS[this.#level], padding, contextId: CONTEXT_ID };
  }

  #seal(pdu: Buffer, from: number, to: number): Uint8Array {
    const end = to + TRAILER;
    if (this.#level === 'integrity') return this.#context.sign(pdu.subarray(0, end));
    const before = Buffer.from(pdu.subarray(0, from));
    const { data, token } = this.#context.wrap(pdu.subarray(from, to), {
      before,
      after: pdu.subarray(to, end),
    });
    pdu.set(data, from);
    return token;
  }

  #open(
    pdu: Buffer,
    part: { readonly from: number; readonly to: number; readonly token: Buffer },
  ): Uint8Array {
    const { from, to, token } = part;
    const end = to + TRAILER;
    const data = pdu.subarray(from, to);
    try {
      if (this.#level === 'privacy')
        return this.#context.unwrap(
          { data, token },
          { before: pdu.subarray(0, from), after: pdu.subarray(to, end) },
        );
      this.#context.verify(pdu.subarray(0, end), token);
      return data;
    } catch (cause) {
      throw new MsrpcError('tampered', 'an RPC fragment is not the next one that the server signed', {
        next: TAMPERED,
        cause,
      });
    }
  }

  #expectSame({ type, level, contextId }: AuthTrailer): void {
    if (type === this.#type && level === LEVELS[this.#level] && contextId === CONTEXT_ID) return;
    throw new MsrpcError('tampered', 'the server changed how calls are protected', { next: TAMPERED });
  }
}

function unknownToken(size: number): MsrpcError {
  return new MsrpcError('invalid-arguments', `signatures of ${size} octets are not provided for`, {
    next: 'use NTLM, or Kerberos with AES and HMAC-SHA1',
  });
}

/** The largest stub of an unprotected fragment of at most `size` octets. */
export function plainRoom(size: number): number {
  const room = size - CALL_HEADER;
  return room - (room % 8);
}
