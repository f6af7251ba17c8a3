import { derOid } from './der.ts';
import { AuthError } from './errors.ts';
import { Lifetime, type Mechanism } from './mechanism.ts';
import { isNtlm } from './ntlm-messages.ts';
import type { SecurityContext, Surroundings, Wrapped } from './security-context.ts';
import {
  readHint,
  readResponse,
  writeInit,
  writeMechTypes,
  writeResponse,
  type NegTokenResp,
} from './spnego-tokens.ts';

export interface NegotiateSettings {
  /**
   * What to offer, the most wanted first. Where one cannot start for want of a ticket or a library, the next one is offered
   * instead; what the last one throws is thrown.
   */
  readonly mechanisms: readonly [Mechanism, ...Mechanism[]];
}

/** A negotiated context also tells what was agreed on. */
export interface NegotiateContext extends SecurityContext {
  readonly mechanism: 'negotiate';
  /** Known from the server's first answer on. */
  readonly agreed: 'ntlm' | 'kerberos' | undefined;
}

/**
 * SPNEGO (RFC 4178, MS-SPNG), the client's side. The list of mechanisms is signed wherever NTLM or a mechanism other than the first
 * was agreed on, and the server has to sign it too; what it does not sign is refused as a `downgrade`. A server that answers NTLM
 * without SPNEGO around it is understood, where NTLM is all that was offered. Owns its mechanisms, and disposes them.
 */
export function negotiate(settings: NegotiateSettings): NegotiateContext {
  return new Negotiation(settings.mechanisms);
}

const MISSING = ['no-credential', 'no-library'];

class Negotiation implements NegotiateContext {
  readonly mechanism = 'negotiate';
  readonly #lifetime = new Lifetime();
  readonly #given: readonly Mechanism[];
  #offered: readonly Mechanism[] = [];
  #mechTypes: Uint8Array = Buffer.alloc(0);
  #agreed: Mechanism | undefined;
  #isRaw = false;
  #hasSigned = false;
  #hasVerified = false;

  constructor(mechanisms: readonly Mechanism[]) {
    this.#given = mechanisms;
  }

  get isComplete(): boolean {
    return this.#lifetime.isComplete;
  }

  get agreed(): 'ntlm' | 'kerberos' | undefined {
    return this.#agreed?.mechanism;
  }

  get sessionKey(): Uint8Array {
    return this.#use((mechanism) => mechanism.sessionKey);
  }

  step(token?: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#lifetime.step(() => {
      if (this.#offered.length === 0) return this.#start(token);
      if (token === undefined || token.length === 0) {
        throw new AuthError('bad-token', 'The server answered without a token where one is due.');
      }
      return isNtlm(token) ? this.#continueRaw(token) : this.#continue(readResponse(token));
    });
  }

  wrap(data: Uint8Array, surroundings?: Surroundings): Wrapped {
    return this.#use((mechanism) => mechanism.wrap(data, surroundings));
  }

  unwrap(wrapped: Wrapped, surroundings?: Surroundings): Uint8Array {
    return this.#use((mechanism) => mechanism.unwrap(wrapped, surroundings));
  }

  sign(message: Uint8Array): Uint8Array {
    return this.#use((mechanism) => mechanism.sign(message));
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#use((mechanism) => mechanism.verify(message, signature));
  }

  [Symbol.dispose](): void {
    this.#lifetime.dispose();
    for (const mechanism of this.#given) mechanism[Symbol.dispose]();
  }

  #use<T>(act: (mechanism: Mechanism) => T): T {
    return this.#lifetime.use(() => act(this.#agreed!));
  }

  async #start(hint: Uint8Array | undefined): Promise<Uint8Array> {
    if (hint !== undefined && hint.length > 0) this.#expectCommon(readHint(hint));
    const { usable, token } = await this.#firstUsable();
    this.#offered = usable;
    this.#mechTypes = writeMechTypes(usable.flatMap(({ oids }) => oids));
    return writeInit(this.#mechTypes, token);
  }

  /** The hint is not protected: it may say that there is no hope, and nothing more. */
  #expectCommon(hinted: readonly Uint8Array[]): void {
    if (hinted.length === 0 || hinted.some((oid) => this.#given.some((mechanism) => speaks(mechanism, oid))))
      return;
    throw notOffered();
  }

  async #firstUsable(): Promise<{ usable: readonly Mechanism[]; token: Uint8Array }> {
    for (const [index, mechanism] of this.#given.entries()) {
      try {
        const token = await mechanism.step();
        return { usable: this.#given.slice(index), token: token ?? Buffer.alloc(0) };
      } catch (error) {
        const isLast = index === this.#given.length - 1;
        if (isLast || !AuthError.is(error) || !MISSING.includes(error.code)) throw error;
      }
    }
    throw new AuthError('invalid-settings', 'No mechanism was given to negotiate about.');
  }

  async #continueRaw(token: Uint8Array): Promise<Uint8Array | undefined> {
    const [first, ...others] = this.#offered;
    if (first?.mechanism !== 'ntlm' || others.length > 0 || (this.#agreed !== undefined && !this.#isRaw)) {
      throw new AuthError('downgrade', 'The server answered with bare NTLM where more was offered.', {
        next: 'Offer it NTLM alone, if that is what it speaks.',
      });
    }
    this.#isRaw = true;
    this.#agreed = first;
    const answer = await first.step(token);
    if (first.isComplete) this.#lifetime.complete();
    return answer;
  }

  async #continue(response: NegTokenResp): Promise<Uint8Array | undefined> {
    if (response.state === 'rejected') throw refused();
    if (this.#isRaw) throw new AuthError('bad-token', 'The server changed from bare NTLM to SPNEGO.');
    const token = await this.#advance(response);
    const agreed = this.#agreed!;
    if (response.mechListMic !== undefined) this.#verify(agreed, response.mechListMic);
    if (response.state === 'completed') return this.#finish(agreed, token);
    const signature = this.#signature(agreed, response);
    if (token === undefined && signature === undefined) {
      throw new AuthError('bad-token', 'The server asks to go on where nothing is left to say.');
    }
    return writeResponse(token, signature);
  }

  /** Settles the mechanism on the first answer, and hands it what the server sent for it. */
  async #advance({ supportedMech, responseToken }: NegTokenResp): Promise<Uint8Array | undefined> {
    if (this.#agreed === undefined) {
      const [first] = this.#offered;
      const chosen =
        supportedMech === undefined
          ? first
          : this.#offered.find((mechanism) => speaks(mechanism, supportedMech));
      if (chosen === undefined) throw notOffered();
      this.#agreed = chosen;
      if (chosen !== first) return this.#switchTo(chosen, responseToken);
    } else if (supportedMech !== undefined && !speaks(this.#agreed, supportedMech)) {
      throw new AuthError('wrong-answer', 'The server changed the mechanism in the middle of the sign-in.');
    }
    return responseToken === undefined ? undefined : this.#agreed.step(responseToken);
  }

  #switchTo(chosen: Mechanism, responseToken: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    if (responseToken !== undefined) {
      throw new AuthError('bad-token', 'The server answered a token that it was not sent.');
    }
    return chosen.step();
  }

  #verify(agreed: Mechanism, signature: Uint8Array): void {
    if (!agreed.isComplete || this.#hasVerified) {
      throw new AuthError('bad-token', 'The server signed the list of mechanisms at the wrong time.');
    }
    agreed.verifyMechanisms(this.#mechTypes, signature);
    this.#hasVerified = true;
  }

  /** RFC 4178 section 5: optional for the preferred mechanism, but NTLM with a MIC always comes with one (MS-SPNG). */
  #signature(agreed: Mechanism, { state, mechListMic }: NegTokenResp): Uint8Array | undefined {
    if (!agreed.isComplete || this.#hasSigned) return undefined;
    const isDue = state === 'request-mic' || mechListMic !== undefined || this.#mustBeSigned(agreed);
    if (!isDue) return undefined;
    this.#hasSigned = true;
    return agreed.signMechanisms(this.#mechTypes);
  }

  #finish(agreed: Mechanism, token: Uint8Array | undefined): Uint8Array | undefined {
    if (!agreed.isComplete)
      throw new AuthError('bad-token', 'The server ended the sign-in before it was complete.');
    if ((this.#hasSigned || this.#mustBeSigned(agreed)) && !this.#hasVerified) {
      throw new AuthError('downgrade', 'The server did not sign the list of mechanisms that it chose from.', {
        next: 'Somebody on the way may have changed the list; use a network that is trusted, or one mechanism only.',
      });
    }
    this.#lifetime.complete();
    return token === undefined ? undefined : writeResponse(token, undefined);
  }

  #mustBeSigned(agreed: Mechanism): boolean {
    return agreed.mechanism === 'ntlm' || agreed !== this.#offered[0];
  }
}

function speaks(mechanism: Mechanism, oid: Uint8Array): boolean {
  return mechanism.oids.some((dotted) => derOid(dotted).equals(oid));
}

function notOffered(): AuthError {
  return new AuthError('unsupported', 'The server wants a way to sign in that was not offered to it.', {
    next: 'Allow another mechanism, here or at the server: NTLM may be blocked there, or Kerberos not set up here.',
  });
}

function refused(): AuthError {
  return new AuthError('refused', 'The server refused the sign-in.', {
    next: 'Check the user name, the domain and the password, and whether this account may sign in there.',
  });
}
