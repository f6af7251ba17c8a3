import type { Surroundings, Wrapped } from '../security-context.ts';
import { der, field, readDerValue, readDerValues, readFields } from './der.ts';
import type { Acceptance, AcceptOptions, AcceptStep, NtlmAcceptance, NtlmAcceptor } from './ntlm-acceptor.ts';
import { isNtlm } from './ntlm-messages.ts';
import { flipBit } from './ntlm-protection.ts';
import type { NtlmUser } from './ntlm-settings.ts';
import { AuthRefusal } from './refusal.ts';

const SPNEGO_OID = Buffer.from('2b0601050502', 'hex');
const NTLM_OID = Buffer.from('2b06010401823702020a', 'hex');
const STATE = { completed: 0, incomplete: 1, reject: 2, requestMic: 3 } as const;

export interface SpnegoFaults {
  /** The server's mechListMIC is left out, or has a bit flipped. */
  readonly mechListMic?: 'omit' | 'tamper' | undefined;
  /** The server claims to have picked this mechanism: an OID's octets. */
  readonly supportedMech?: Uint8Array | undefined;
}

/** A server's SPNEGO (RFC 4178, MS-SPNG) with NTLM inside: wrapped tokens, and NTLM's own where a client sends those. */
export class SpnegoAcceptor {
  readonly #ntlm: NtlmAcceptor;
  readonly #faults: SpnegoFaults;

  constructor(ntlm: NtlmAcceptor, faults: SpnegoFaults = {}) {
    this.#ntlm = ntlm;
    this.#faults = faults;
  }

  accept(options?: AcceptOptions): SpnegoAcceptance {
    return new SpnegoAcceptance(this.#ntlm.accept(options), this.#faults);
  }
}

/** What a client's NegTokenResp carries. */
interface Answer {
  readonly token: Buffer | undefined;
  readonly mic: Buffer | undefined;
}

export class SpnegoAcceptance implements Acceptance {
  readonly #ntlm: NtlmAcceptance;
  readonly #faults: SpnegoFaults;
  /** The mechTypes as they came, tag included: what the MICs are made over. Absent as long as, or if, tokens are raw. */
  #mechTypes: Buffer | undefined;
  #isRaw = false;
  #mustHaveMic = false;
  #isDone = false;
  #isNamed = false;

  constructor(ntlm: NtlmAcceptance, faults: SpnegoFaults) {
    this.#ntlm = ntlm;
    this.#faults = faults;
  }

  step(token: Uint8Array): AcceptStep {
    if (this.#isDone) throw new AuthRefusal('invalidParameter', 'Signed in already.');
    const step = this.#step(token);
    this.#isDone = step.done;
    return step;
  }

  get user(): NtlmUser | undefined {
    return this.#isDone ? this.#ntlm.user : undefined;
  }

  get facts() {
    return this.#ntlm.facts;
  }

  get sessionKey(): Uint8Array {
    return this.#ntlm.sessionKey;
  }

  wrap(data: Uint8Array, surroundings?: Surroundings): Wrapped {
    return this.#ntlm.wrap(data, surroundings);
  }

  unwrap(wrapped: Wrapped, surroundings?: Surroundings): Uint8Array {
    return this.#ntlm.unwrap(wrapped, surroundings);
  }

  sign(message: Uint8Array): Uint8Array {
    return this.#ntlm.sign(message);
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#ntlm.verify(message, signature);
  }

  #step(token: Uint8Array): AcceptStep {
    if (this.#mechTypes === undefined && (this.#isRaw || isNtlm(token))) {
      this.#isRaw = true;
      return this.#ntlm.step(token);
    }
    if (this.#mechTypes === undefined) return this.#begin(token);
    return this.#goOn(readAnswer(token), this.#mechTypes);
  }

  /** NegTokenInit (RFC 4178 4.2.1). */
  #begin(token: Uint8Array): AcceptStep {
    const [oid, init] = readDerValues(readDerValue(token, 0x60).content);
    if (oid?.tag !== 0x06 || !oid.content.equals(SPNEGO_OID) || init?.tag !== 0xa0)
      throw new AuthRefusal('invalidParameter', 'This is no NegTokenInit.');
    const fields = readFields(init.content);
    const mechTypes = readDerValue(fields.get(0) ?? Buffer.alloc(0), 0x30);
    const offered = readDerValues(mechTypes.content).map(({ content }) => content);
    const place = offered.findIndex((mechanism) => mechanism.equals(NTLM_OID));
    if (place === -1)
      throw new AuthRefusal('notSupported', 'NTLM is not offered.', response({ state: STATE.reject }));
    this.#mechTypes = mechTypes.encoded;
    const optimistic = fields.get(2);
    if (place === 0 && optimistic !== undefined) {
      const step = this.#ntlm.step(readDerValue(optimistic, 0x04).content);
      return { token: this.#respond(STATE.incomplete, step.token), done: false };
    }
    // Not the client's first choice: it must prove that nobody has changed its list (RFC 4178 section 5).
    this.#mustHaveMic = place > 0;
    return { token: this.#respond(place > 0 ? STATE.requestMic : STATE.incomplete), done: false };
  }

  #goOn({ token, mic }: Answer, mechTypes: Buffer): AcceptStep {
    if (this.#ntlm.user === undefined) {
      if (token === undefined) throw new AuthRefusal('invalidParameter', 'The token is missing.');
      const step = this.#accept(token);
      if (!step.done) return { token: this.#respond(STATE.incomplete, step.token), done: false };
    }
    const { user, facts } = this.#ntlm;
    if (mic !== undefined) {
      this.#ntlm.verify(mechTypes, mic);
      const own = this.#ntlm.sign(mechTypes);
      this.#ntlm.restartStreams();
      return { token: this.#complete(own), done: true, user };
    }
    // A client that signs its NTLM messages signs its list too, or is asked to.
    if (this.#mustHaveMic || facts.hasMic) return { token: this.#respond(STATE.incomplete), done: false };
    return { token: response({ state: STATE.completed }), done: true, user };
  }

  #accept(token: Uint8Array): AcceptStep {
    try {
      return this.#ntlm.step(token);
    } catch (error) {
      if (!(error instanceof AuthRefusal)) throw error;
      throw new AuthRefusal(error.reason, error.message, response({ state: STATE.reject }));
    }
  }

  #complete(mic: Uint8Array): Buffer {
    const { mechListMic } = this.#faults;
    if (mechListMic === 'tamper') flipBit(mic, 4);
    return response({ state: STATE.completed, mic: mechListMic === 'omit' ? undefined : mic });
  }

  #respond(state: number, token?: Uint8Array): Buffer {
    // The mechanism is named in the first answer only (RFC 4178 4.2.2).
    const mechanism = this.#isNamed ? undefined : (this.#faults.supportedMech ?? NTLM_OID);
    this.#isNamed = true;
    return response({ state, mechanism, token });
  }
}

interface Response {
  readonly state: number;
  readonly mechanism?: Uint8Array | undefined;
  readonly token?: Uint8Array | undefined;
  readonly mic?: Uint8Array | undefined;
}

/** NegTokenResp (RFC 4178 4.2.2). */
function response({ state, mechanism, token, mic }: Response): Buffer {
  const fields = [field(0, der(0x0a, Buffer.of(state)))];
  if (mechanism !== undefined) fields.push(field(1, der(0x06, mechanism)));
  if (token !== undefined) fields.push(field(2, der(0x04, token)));
  if (mic !== undefined) fields.push(field(3, der(0x04, mic)));
  return der(0xa1, der(0x30, ...fields));
}

function readAnswer(token: Uint8Array): Answer {
  const fields = readFields(readDerValue(token, 0xa1).content);
  const octets = (number: number): Buffer | undefined => {
    const value = fields.get(number);
    return value === undefined ? undefined : readDerValue(value, 0x04).content;
  };
  return { token: octets(2), mic: octets(3) };
}
