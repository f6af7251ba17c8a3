import {
  plainText,
  type CertificateFacts,
  type Credential,
  type CredentialRequest,
  type Notice,
  type Prompts,
} from '@slipline/core';
import type { StderrMessages } from '../output/messages.ts';
import type { Redaction } from '../output/redaction.ts';
import type { Terminal } from './terminal.ts';

export interface PromptsParts {
  /** Absent where nobody can be asked. */
  readonly terminal: () => Terminal | undefined;
  readonly messages: StderrMessages;
  readonly redaction: Redaction;
  /** Shows a page in the person's browser. */
  readonly open: (url: string) => void;
}

/** Core's questions, put to the person at the terminal one after another. */
export class TerminalPrompts implements Prompts {
  readonly #parts: PromptsParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: PromptsParts) {
    this.#parts = parts;
  }

  credential(wanted: CredentialRequest, signal: AbortSignal): Promise<Credential | undefined> {
    return this.#ask(undefined, async (terminal) => {
      const place = plainText(wanted.endpoint, 200);
      const given = wanted.userName ?? (await terminal.line(`User name for ${place}: `, signal)).trim();
      if (given === '') return undefined;
      const password = await terminal.secret(`Password of ${plainText(given, 200)} for ${place}: `, signal);
      if (password.reveal() === '') return undefined;
      this.#parts.redaction.add(password);
      return { userName: given, password };
    });
  }

  trust(certificate: CertificateFacts, signal: AbortSignal): Promise<boolean> {
    return this.#ask(false, (terminal) => terminal.confirm(trustQuestion(certificate), signal));
  }

  /** Needs no terminal: whoever reads stderr can pass it on. */
  async notice(notice: Notice): Promise<void> {
    this.#parts.messages.notice(notice);
    if (notice.opens === true && notice.url !== undefined) this.#parts.open(notice.url);
  }

  #ask<T>(unasked: T, question: (terminal: Terminal) => Promise<T>): Promise<T> {
    const answer = this.#last.then(async () => {
      const terminal = this.#parts.terminal();
      if (terminal === undefined) return unasked;
      this.#parts.messages.clear();
      return question(terminal);
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

function trustQuestion({ host, problem, subject, issuer, validTo, fingerprint }: CertificateFacts): string {
  const pairs = fingerprint.toUpperCase().match(/../g)?.join(':') ?? '';
  return [
    `The certificate of ${plainText(host, 200)} cannot be verified (${plainText(problem, 200)}).`,
    `  subject:     ${plainText(subject, 200)}`,
    `  issuer:      ${plainText(issuer, 200)}`,
    `  valid until: ${plainText(validTo, 40)}`,
    `  SHA-256:     ${pairs}`,
    'Compare the SHA-256 with what the system itself shows. Trust it from now on?',
  ].join('\n');
}
