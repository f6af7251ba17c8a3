import type { ServerResponse } from 'node:http';
import { busy } from './appliance-errors.ts';
import type { Answer } from './call.ts';
import type { PlannedFault } from './fault-plan.ts';

/** One request on its way to an answer. */
export interface Exchange {
  readonly response: ServerResponse;
  /** Carries the request out. */
  process(): Answer;
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
  exchange.answering(status);
  response.writeHead(
    status,
    status === 204 ? answer.headers : { ...answer.headers, 'content-length': Buffer.byteLength(body) },
  );
  response.end(body);
}

/** Answers as `planned` wants it. */
export function misbehave(exchange: Exchange, planned: PlannedFault): void {
  const { fault } = planned;
  switch (fault.kind) {
    case 'answer':
      return send(exchange, fault.answer);
    case 'busy':
      return send(exchange, busy());
    case 'reset':
      if (fault.when === 'after') exchange.process();
      return exchange.reset();
    case 'hang':
      return hang(exchange, planned, fault.when);
    case 'delay': {
      const answer = exchange.process();
      const timer = setTimeout(() => send(exchange, answer), fault.milliseconds);
      exchange.response.once('close', () => clearTimeout(timer));
      return;
    }
    case 'drip':
      return drip(exchange, fault.milliseconds);
    case 'cut':
      return cut(exchange);
    case 'huge-body':
      return sendBlanks(exchange, fault.bytes);
    case 'huge-header': {
      const answer = exchange.process();
      return send(exchange, { ...answer, headers: { ...answer.headers, 'x-huge': 'x'.repeat(fault.bytes) } });
    }
    default:
      fault satisfies never;
  }
}

function hang(exchange: Exchange, planned: PlannedFault, when: 'before' | 'after'): void {
  const answer = when === 'after' ? exchange.process() : undefined;
  const forget = planned.hold(() => send(exchange, answer ?? exchange.process()));
  exchange.response.once('close', forget);
}

/** Sends the head and gives the body to send; an answer without one gets `{}`. */
function begin(exchange: Exchange, headers: (length: number) => Readonly<Record<string, number>>): Buffer {
  const answer = exchange.process();
  const body = Buffer.from(answer.body ?? '{}');
  const status = answer.status === 204 ? 200 : answer.status;
  exchange.answering(status);
  exchange.response.writeHead(status, {
    'content-type': 'application/json;charset=UTF-8',
    ...answer.headers,
    ...headers(body.length),
  });
  exchange.response.flushHeaders();
  return body;
}

const announced = (length: number) => ({ 'content-length': length });

function drip(exchange: Exchange, milliseconds: number): void {
  const { response } = exchange;
  const body = begin(exchange, announced);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent === body.length) response.end();
  }, milliseconds);
  response.once('close', () => clearInterval(timer));
}

function cut(exchange: Exchange): void {
  const body = begin(exchange, announced);
  // A reset discards what the client has not read yet, so it gets a moment to read its half.
  exchange.response.write(body.subarray(0, body.length / 2), () => setTimeout(() => exchange.reset(), 20));
}

function sendBlanks(exchange: Exchange, bytes: number): void {
  const { response } = exchange;
  const body = begin(exchange, () => ({}));
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
    response.end(body);
  };
  fill();
}
