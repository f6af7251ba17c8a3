import type { Exchange as HttpExchange } from '@slipline/fake-http';
import type { Fault } from './faults.ts';
import type { MessageProtection, WireBody } from './message-protection.ts';
import { SOAP_TYPE } from './sealing.ts';

/** What is answered to one request. */
export interface Answer {
  readonly status: number;
  readonly body?: string | undefined;
  /** SOAP when absent. Other types are never sealed. */
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Milliseconds of the service's clock that it takes. */
  readonly after?: number | undefined;
}

/** One request on its way to an answer. */
export interface Exchange extends HttpExchange<Answer> {
  /** Seals what is sent, where the request was sealed. */
  readonly protection: MessageProtection | undefined;
  /** The last sealed body on this connection. */
  lastSealed: Buffer | undefined;
  /** As if it had been carried out. */
  pretend(): Answer;
  /** Ends the shell that the request names. */
  vanish(): void;
  /** Answers with a fault of WS-Management. */
  fault(name: Extract<Fault, { kind: 'soap-fault' }>['name']): Answer;
  /** Runs `ring` later, by the service's clock. */
  later(milliseconds: number, ring: () => void): () => void;
}

/** What becomes of a body on its way out. */
export type Spoil = (body: Buffer) => Buffer;

export async function send(exchange: Exchange, answer: Answer, spoil: Spoil = (body) => body): Promise<void> {
  const { response } = exchange;
  if (answer.after !== undefined) {
    const forget = exchange.later(
      answer.after,
      () => void send(exchange, { ...answer, after: undefined }, spoil),
    );
    response.once('close', forget);
    return;
  }
  if (response.destroyed) return;
  const { body, contentType } = await encode(exchange, answer);
  const spoiled = spoil(body);
  exchange.answering(answer.status);
  response.writeHead(answer.status, {
    ...(spoiled.length > 0 && { 'content-type': contentType }),
    ...headersOf(answer),
    'content-length': spoiled.length,
  });
  response.end(spoiled);
}

/** The body as it goes over the wire, and its type. */
export async function encode(
  exchange: Exchange,
  { body = '', contentType = SOAP_TYPE }: Answer,
): Promise<WireBody> {
  const clear = Buffer.from(body);
  const { protection } = exchange;
  if (clear.length === 0 || protection === undefined || contentType !== SOAP_TYPE)
    return { body: clear, contentType };
  const sealed = await protection.seal(clear);
  exchange.lastSealed = sealed.body;
  return sealed;
}

export function headersOf({ headers = {} }: Answer): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}
