import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { DerReader, Tag } from './der.ts';
import { AuthError } from './errors.ts';
import { RecordReader, RecordType, TlsRecords } from './tls-records.ts';

// What the record layer here speaks. Node shakes hands; what comes after is done here, because a context wraps synchronously.
const CIPHERS = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
].join(':');
const SERVER_HELLO = 2;
const SERVER_HELLO_DONE = 14;
const MAX_FLIGHT = 262_144;
const TURNS = 1000;

export interface TlsChannel {
  readonly records: TlsRecords;
  /** The server's key as CredSSP binds to it: the SubjectPublicKey of its certificate, without the algorithm. */
  readonly subjectPublicKey: Uint8Array;
}

/** The client's side of a TLS 1.2 handshake whose records travel as tokens. The server's certificate is not judged here. */
export class TlsHandshake {
  readonly #pipe = new Pipe();
  readonly #reader = new RecordReader();
  readonly #flight: Uint8Array[] = [];
  #socket: TLSSocket | undefined;
  #size = 0;
  #handshake: Buffer = Buffer.alloc(0);
  #isEncrypted = false;
  #isServerDone = false;
  #masterSecret: Buffer | undefined;
  #clientRandom: Buffer | undefined;
  #serverRandom: Buffer | undefined;

  /** The ClientHello. */
  start(): Promise<Uint8Array> {
    const socket = connect({
      socket: this.#pipe,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers: CIPHERS,
      // CredSSP's own proof binds the sign-in to this key; certificates of WinRM and RDP are usually self-signed.
      rejectUnauthorized: false,
    });
    socket.on('error', () => {});
    socket.on('keylog', (line: Buffer) => {
      const [label, random, secret] = line.toString('latin1').trim().split(' ');
      line.fill(0);
      if (label !== 'CLIENT_RANDOM') return;
      this.#clientRandom = Buffer.from(random ?? '', 'hex');
      this.#masterSecret = Buffer.from(secret ?? '', 'hex');
    });
    this.#socket = socket;
    return this.#exchange(undefined);
  }

  /** Takes what arrived, whole or in pieces: answers what to send, or the open channel, or nothing as long as more is due. */
  async step(token: Uint8Array): Promise<Uint8Array | TlsChannel | undefined> {
    this.#size += token.length;
    if (this.#size > MAX_FLIGHT)
      throw new AuthError('bad-token', `The TLS handshake is longer than ${MAX_FLIGHT} octets.`);
    this.#reader.add(token);
    for (let record = this.#reader.next(); record !== undefined; record = this.#reader.next()) {
      this.#flight.push(record.whole);
      if (record.type === RecordType.ALERT) throw refused();
      if (record.type === RecordType.CHANGE_CIPHER_SPEC) this.#isEncrypted = true;
      else if (this.#isEncrypted) return this.#finish();
      else if (record.type === RecordType.HANDSHAKE) this.#read(record.fragment);
      if (this.#isServerDone) {
        this.#isServerDone = false;
        return this.#exchange(this.#takeFlight());
      }
    }
    return undefined;
  }

  close(): void {
    this.#socket?.destroy();
    this.#pipe.destroy();
    this.#masterSecret?.fill(0);
  }

  async #finish(): Promise<TlsChannel> {
    if (!this.#reader.isEmpty) throw new AuthError('bad-token', 'The server spoke before it was asked.');
    const socket = this.#socket!;
    const secure = once(socket, 'secureConnect').catch(() => Promise.reject(refused()));
    this.#pipe.push(this.#takeFlight());
    await Promise.race([secure, this.#stall()]);
    const certificate = socket.getPeerX509Certificate();
    const [masterSecret, clientRandom, serverRandom] = [
      this.#masterSecret,
      this.#clientRandom,
      this.#serverRandom,
    ];
    if (!certificate || !masterSecret || !clientRandom || !serverRandom) throw refused();
    const suite = socket.getCipher().standardName;
    return {
      records: new TlsRecords({ masterSecret, clientRandom, serverRandom, suite }),
      subjectPublicKey: subjectPublicKey(certificate.publicKey.export({ type: 'spki', format: 'der' })),
    };
  }

  /** Gives Node what the server sent, and waits for what Node answers. */
  async #exchange(flight: Uint8Array | undefined): Promise<Uint8Array> {
    const answer = this.#pipe.written();
    if (flight !== undefined) this.#pipe.push(flight);
    const octets = await Promise.race([answer, this.#stall()]);
    // What it answered is then an alert.
    if (this.#socket!.destroyed) throw refused();
    return octets;
  }

  /** Nothing here waits for anything but the turns of the event loop: when they pass without an answer, none comes. */
  async #stall(): Promise<never> {
    for (let turn = 0; turn < TURNS && !this.#socket!.destroyed; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw refused();
  }

  #takeFlight(): Uint8Array {
    return Buffer.concat(this.#flight.splice(0));
  }

  /** Looks for the server's random, and for the end of its flight. */
  #read(fragment: Uint8Array): void {
    this.#handshake = Buffer.concat([this.#handshake, fragment]);
    while (this.#handshake.length >= 4) {
      const end = 4 + this.#handshake.readUIntBE(1, 3);
      if (this.#handshake.length < end) return;
      const type = this.#handshake[0];
      if (type === SERVER_HELLO && end >= 38)
        this.#serverRandom = Buffer.from(this.#handshake.subarray(6, 38));
      if (type === SERVER_HELLO_DONE) this.#isServerDone = true;
      this.#handshake = this.#handshake.subarray(end);
    }
  }
}

/** What Node's TLS takes for its socket. */
class Pipe extends Duplex {
  readonly #chunks: Buffer[] = [];
  #wake: (() => void) | undefined;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    // A flight may come in several writes of the same turn.
    setImmediate(() => this.#wake?.());
    done();
  }

  async written(): Promise<Uint8Array> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    return Buffer.concat(this.#chunks.splice(0));
  }
}

function subjectPublicKey(spki: Uint8Array): Uint8Array {
  const outer = new DerReader(spki, "The server's key").into(Tag.SEQUENCE);
  outer.read(Tag.SEQUENCE);
  // The first octet counts unused bits.
  return outer.read(Tag.BIT_STRING).subarray(1);
}

function refused(): AuthError {
  return new AuthError('unsupported', 'The TLS handshake of CredSSP failed.', {
    next: 'Let the server speak TLS 1.2 with an AES-GCM cipher, and look into its event log.',
  });
}
