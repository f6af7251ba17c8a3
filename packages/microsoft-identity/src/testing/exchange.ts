import type { ServerResponse } from 'node:http';
import { json, type Answer, type Forgery } from './call.ts';
import type { PlannedFault } from './fault-plan.ts';

/** One request on its way to an answer. */
export interface Exchange {
  readonly response: ServerResponse;
  /** The server's own time, which goes into the `Date` header. */
  readonly now: number;
  /** What was sent: headers and body. */
  readonly request: string;
  /** Carries the request out. */
  process(forgery?: Forgery): Answer;
  /** Notes the status that is about to be sent. */
  answering(status: number): void;
  /** Resets the connection, so that the client sees neither an answer nor an orderly end. */
  reset(): void;
}

const CHUNK = Buffer.alloc(64 * 1024, ' ');

export function send(exchange: Exchange, answer: Answer): void {
  const { status, body = '' } = answer;
  const { response } = exchange;
  if (response.destroyed) return;
  begin(exchange, answer, { 'content-length': Buffer.byteLength(body) });
  exchange.answering(status);
  response.end(body);
}

/** Answers as `planned` wants it. */
export function misbehave(exchange: Exchange, planned: PlannedFault): void {
  const { fault } = planned;
  switch (fault.kind) {
    case 'answer':
      return send(exchange, fault.answer);
    case 'reset':
      return exchange.reset();
    case 'hang': {
      const forget = planned.hold(() => send(exchange, exchange.process()));
      exchange.response.once('close', forget);
      return;
    }
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
  const { response } = exchange;
  const answer = exchange.process();
  begin(exchange, answer, {});
  exchange.answering(answer.status);
  let remaining = bytes;
  const fill = (): void => {
    while (remaining > 0) {
      const chunk = remaining < CHUNK.length ? CHUNK.subarray(0, remaining) : CHUNK;
      remaining -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', fill);
        return;
      }
    }
    response.end(answer.body);
  };
  fill();
}
