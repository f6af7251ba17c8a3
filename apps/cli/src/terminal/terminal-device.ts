import { DisconnectError, Secret } from '@slipline/core';
import { openSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ReadStream } from 'node:tty';
import { LineEditor } from './line-editor.ts';
import { DEVICE, type Terminal } from './terminal.ts';

/** Questions at the terminal itself. */
export class DeviceTerminal implements Terminal {
  readonly #output = openSync(DEVICE.output, 'r+');
  readonly #onInterrupt: () => void;

  /** `onInterrupt` is called for Ctrl-C while something hidden is typed. */
  constructor(onInterrupt: () => void) {
    this.#onInterrupt = onInterrupt;
  }

  async confirm(question: string, signal: AbortSignal): Promise<boolean> {
    return /^y(es)?$/i.test((await this.line(`${question} [y/N] `, signal)).trim());
  }

  line(question: string, signal: AbortSignal): Promise<string> {
    return this.#ask(question, signal, false);
  }

  async secret(question: string, signal: AbortSignal): Promise<Secret> {
    return new Secret(await this.#ask(question, signal, true));
  }

  async #ask(question: string, signal: AbortSignal, isHidden: boolean): Promise<string> {
    signal.throwIfAborted();
    const input = new ReadStream(openSync(DEVICE.input, 'r+'));
    // Whatever ends this process, the terminal must not stay mute.
    const restore = (): void => void input.setRawMode(false);
    if (isHidden) process.once('exit', restore);
    try {
      if (isHidden) input.setRawMode(true);
      writeSync(this.#output, question);
      return await this.#lineFrom(input, signal, isHidden);
    } finally {
      if (isHidden) {
        restore();
        process.off('exit', restore);
        writeSync(this.#output, '\n');
      }
      input.destroy();
    }
  }

  #lineFrom(input: ReadStream, signal: AbortSignal, isHidden: boolean): Promise<string> {
    const decoder = new StringDecoder('utf8');
    const editor = new LineEditor();
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason as Error);
      const settle = (end: () => void): void => {
        signal.removeEventListener('abort', stop);
        end();
      };
      signal.addEventListener('abort', stop, { once: true });
      input.once('error', (cause) => settle(() => reject(unanswered(cause))));
      input.once('end', () => settle(() => reject(unanswered())));
      input.on('data', (chunk: Buffer) => {
        // Raw input brings Ctrl-C as a character instead of a signal.
        const end = editor.type(decoder.write(chunk));
        if (end === 'interrupt' && isHidden) this.#onInterrupt();
        else if (end === 'line') settle(() => resolve(editor.text));
        else if (end === 'end') settle(() => reject(unanswered()));
      });
    });
  }
}

function unanswered(cause?: unknown): DisconnectError {
  return new DisconnectError('invalid-request', 'the question was not answered', { cause });
}
