import { Secret } from '@slipline/core';

const SHORTEST = 4;
const NAMES = /pass(word|phrase)|secret|token|^auth$|authorization|cookie|session-?id$|api-?key|credential/i;

/** Keeps secrets out of what is said: those that this process was given, and fields whose name tells that they are one. */
export class Redaction {
  readonly #secrets: Secret[] = [];

  /** From now on the secret's text is never shown. */
  add(secret: Secret): void {
    if (secret.reveal().length >= SHORTEST) this.#secrets.push(secret);
  }

  text(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replaceAll(secret.reveal(), '[secret]'), text);
  }

  field(name: string, value: unknown): string {
    if (value instanceof Secret || NAMES.test(name)) return '[secret]';
    if (value instanceof Error) return this.text(`${value.name}: ${value.message}`);
    if (typeof value === 'string') return this.text(value);
    return this.text(
      JSON.stringify(value, (key, inner: unknown) => (NAMES.test(key) ? '[secret]' : inner)) ?? '',
    );
  }
}
