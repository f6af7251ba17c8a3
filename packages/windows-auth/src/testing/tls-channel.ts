import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createSecureContext, TLSSocket, type SecureVersion } from 'node:tls';

/** A certificate and its key, both PEM. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly privateKey: string;
}

/** TLS works without threads, so that whatever it has to say, it says within so many turns of the event loop. */
const QUIET_TURNS = 8;

/** The server's end of a TLS connection whose octets somebody else carries. */
export class TlsChannel {
  readonly #wire: Duplex;
  readonly #tls: TLSSocket;
  #activity = 0;
  #outgoing: Buffer[] = [];
  #clear: Buffer[] = [];
  #error: Error | undefined;

  constructor({ certificate, privateKey }: TlsIdentity, maxVersion: SecureVersion = 'TLSv1.3') {
    this.#wire = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        this.#note(this.#outgoing, chunk);
        done();
      },
    });
    this.#tls = new TLSSocket(this.#wire, {
      isServer: true,
      secureContext: createSecureContext({
        cert: certificate,
        key: privateKey,
        minVersion: 'TLSv1.2',
        maxVersion,
      }),
    });
    this.#tls.on('data', (chunk: Buffer) => this.#note(this.#clear, chunk));
    // The second is all that a server without a listener hears of a handshake that fails.
    for (const event of ['error', '_tlsError']) {
      this.#tls.on(event, (error: Error) => {
        this.#error = error;
      });
    }
  }

  /** Takes octets from the client; throws where TLS does not like them. */
  async receive(octets: Uint8Array): Promise<void> {
    this.#wire.push(Buffer.from(octets));
    await this.#quiet();
    if (this.#error !== undefined) throw this.#error;
  }

  /** Encrypts; `takeOutgoing` has the records then. */
  async send(clear: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#tls.write(clear, (error) => (error instanceof Error ? reject(error) : resolve()));
    });
    await this.#quiet();
  }

  /** What is to be carried to the client. */
  takeOutgoing(): Buffer {
    return Buffer.concat(this.#outgoing.splice(0));
  }

  /** The clear text that has come. */
  takeClear(): Buffer {
    return Buffer.concat(this.#clear.splice(0));
  }

  close(): void {
    this.#tls.destroy();
    this.#wire.destroy();
  }

  #note(list: Buffer[], chunk: Buffer): void {
    list.push(chunk);
    this.#activity += 1;
  }

  async #quiet(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      const before = this.#activity;
      await setImmediate();
      quiet = this.#activity === before ? quiet + 1 : 0;
    }
  }
}
