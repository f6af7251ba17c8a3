import { plainText, type DisconnectError, type Logger, type Notice } from '@slipline/core';
import type { Environment } from '@slipline/config';
import { errorObject, errorText } from './errors.ts';
import { jsonText } from './json-text.ts';
import type { Redaction } from './redaction.ts';
import { isTerminal, styleFor } from './style.ts';
import type { Sink } from './sink.ts';

/** What is said on stderr while a command runs. */
export interface Messages {
  /** One line for people, such as a hint; left out where JSON was asked for. */
  note(text: string): void;
  /** What is being done right now. Seen on a terminal only, and gone when it is over. */
  doing(text: string): void;
  /** Something that is not as it was meant, and that the command goes on without. */
  warn(text: string): void;
  /** Nothing is being done: the terminal is somebody else's. */
  clear(): void;
  /** What went wrong without ending the command: `<code>: <what> (<system>)` and `next:`, or one JSON object for all. */
  problems(errors: readonly DisconnectError[]): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

export interface MessagesParts {
  /** Not asked for before something is said: making the stream takes time. */
  readonly stderr: () => Sink;
  readonly environment: Environment;
  readonly redaction: Redaction;
  /** Errors and log lines as JSON objects. */
  readonly isJson: boolean;
  /** How much of the log is shown: errors, warnings, what `--verbose` adds, or everything. */
  readonly level: Level;
}

/** Everything that is said on stderr goes through here, so that no line runs into another and no secret is in one. */
export class StderrMessages implements Messages {
  readonly #parts: MessagesParts;
  #status = '';

  constructor(parts: MessagesParts) {
    this.#parts = parts;
  }

  /** What is being done, as it was said last. */
  get status(): string {
    return this.#status;
  }

  note(text: string): void {
    if (!this.#parts.isJson) this.#line(plainText(text));
  }

  /** What a person has to do elsewhere: its text with the page's address and the code; an object where JSON was asked for. */
  notice({ text, url, code }: Notice): void {
    const parts = { ...(url !== undefined && { url }), ...(code !== undefined && { code }) };
    if (this.#parts.isJson) return this.#line(jsonText({ notice: { text, ...parts } }));
    const missing = Object.values(parts).filter((part) => !text.includes(part));
    for (const line of [text, ...missing.map((part) => `  ${part}`)]) this.#line(plainText(line));
  }

  doing(text: string): void {
    this.#status = plainText(text, 200);
    if (!this.#canOverwrite) return;
    const stderr = this.#parts.stderr();
    const width = 'columns' in stderr ? Number(stderr.columns) || 80 : 80;
    stderr.write(`\r\u001b[K${this.#status.slice(0, width - 1)}`);
  }

  problems(errors: readonly DisconnectError[]): void {
    if (errors.length === 0) return;
    const { isJson, level, environment, stderr } = this.#parts;
    if (isJson) return this.#line(jsonText(errorObject(errors)));
    const style = styleFor(stderr(), environment);
    for (const error of errors) this.#line(errorText(error, style, level === 'debug'));
  }

  warn(text: string): void {
    this.#log('warn', text);
  }

  /** Takes what is being done off the terminal. */
  clear(): void {
    this.#wipe();
    this.#status = '';
  }

  readonly log: Logger = {
    debug: (message, fields) => this.#log('debug', message, fields),
    info: (message, fields) => this.#log('info', message, fields),
    warn: (message, fields) => this.#log('warn', message, fields),
    error: (message, fields) => this.#log('error', message, fields),
  };

  #log(level: Level, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.#parts.level)) return;
    const { redaction, isJson } = this.#parts;
    const shown = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, redaction.field(name, value)] as const);
    if (isJson) return this.#line(jsonText({ level, message, ...Object.fromEntries(shown) }));
    const rest = shown.map(
      ([name, value]) => ` ${name}=${/^\S*$/.test(value) ? value : JSON.stringify(value)}`,
    );
    this.#line(`${level === 'warn' ? 'warning' : level}: ${plainText(message + rest.join(''))}`);
  }

  #line(text: string): void {
    this.#wipe();
    this.#parts.stderr().write(`${this.#parts.redaction.text(text)}\n`);
  }

  #wipe(): void {
    if (this.#status !== '' && this.#canOverwrite) this.#parts.stderr().write('\r\u001b[K');
  }

  /** Whether one line may be written over again and again. */
  get #canOverwrite(): boolean {
    const { stderr, environment, level } = this.#parts;
    return isTerminal(stderr()) && environment['TERM'] !== 'dumb' && level !== 'debug';
  }
}
