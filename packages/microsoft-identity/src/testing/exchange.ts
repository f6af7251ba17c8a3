import { endWithBlanks, type Exchange as HttpExchange, type PlannedFault } from '@slipline/fake-http';
import { json, type Answer, type Forgery } from './call.ts';
import type { Fault } from './faults.ts';

/** One request on its way to an answer. */
export interface Exchange extends HttpExchange<Answer> {
  /** The server's own time, which goes into the `Date` header. */
  readonly now: number;
  /** What was sent: headers and body. */
  readonly request: string;
  /** Carries the request out, and lies about the outcome where that is wanted. */
  process(forgery?: Forgery): Answer;
}

export function send(exchange: Exchange, answer: Answer): void {
  const { status, body = '' } = answer;
  const { response } = exchange;
  if (response.destroyed) return;
  begin(exchange, answer, { 'content-length': Buffer.byteLength(body) });
  exchange.answering(status);
  response.end(body);
}

/** Answers as `planned` wants it. */
export function misbehave(exchange: Exchange, planned: PlannedFault<Fault>): void {
  const { fault } = planned;
  switch (fault.kind) {
    case 'answer':
      return send(exchange, fault.answer);
    case 'reset':
      return exchange.reset();
    case 'hang':
      return planned.hold(exchange.response, () => send(exchange, exchange.process()));
    case 'echo':
      return send(exchange, echo(exchange.request));
    case 'huge-body':
      return sendBlanks(exchange, fault.bytes);
    case 'forge':
      return send(exchange, exchange.process(fault.forgery));
    default:
      fault satisfies never;
  }
}

function echo(request: string): Answer {
  const fields = ['error', 'suberror', 'claims', 'correlation_id', 'trace_id', 'timestamp'];
  const description = { error_description: `AADSTS7000215: ${request}` };
  return json({ ...Object.fromEntries(fields.map((name) => [name, request])), ...description }, 400);
}

function begin({ response, now }: Exchange, answer: Answer, headers: Readonly<Record<string, number>>): void {
  const date = { date: new Date(now).toUTCString() };
  response.writeHead(answer.status, { ...date, ...answer.headers, ...headers });
}

function sendBlanks(exchange: Exchange, bytes: number): void {
  const answer = exchange.process();
  begin(exchange, answer, {});
  exchange.answering(answer.status);
  endWithBlanks(exchange.response, bytes, Buffer.from(answer.body ?? ''));
}
