import { cutOff, endWithBlanks, type Exchange as HttpExchange, type PlannedFault } from '@slipline/fake-http';
import { busy } from './appliance-errors.ts';
import type { Answer } from './call.ts';
import type { Fault } from './faults.ts';

export type Exchange = HttpExchange<Answer>;

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
export function misbehave(exchange: Exchange, planned: PlannedFault<Fault>): void {
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
      return cutOff(exchange, begin(exchange, announced));
    case 'huge-body':
      return endWithBlanks(
        exchange.response,
        fault.bytes,
        begin(exchange, () => ({})),
      );
    case 'huge-header': {
      const answer = exchange.process();
      return send(exchange, { ...answer, headers: { ...answer.headers, 'x-huge': 'x'.repeat(fault.bytes) } });
    }
    default:
      fault satisfies never;
  }
}

function hang(exchange: Exchange, planned: PlannedFault<Fault>, when: 'before' | 'after'): void {
  const answer = when === 'after' ? exchange.process() : undefined;
  planned.hold(exchange.response, () => send(exchange, answer ?? exchange.process()));
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
