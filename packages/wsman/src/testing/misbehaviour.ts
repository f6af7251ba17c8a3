import { cutOff, endWithBlanks, type PlannedFault } from '@slipline/fake-http';
import { encode, headersOf, send, type Exchange, type Spoil } from './exchange.ts';
import type { Fault } from './faults.ts';
import { partHead, sealedType, SOAP_TYPE } from './sealing.ts';

/** Answers as `planned` wants it. */
export async function misbehave(exchange: Exchange, planned: PlannedFault<Fault>): Promise<void> {
  const { fault } = planned;
  switch (fault.kind) {
    case 'answer':
      return send(exchange, fault.answer);
    case 'status':
      return send(exchange, { ...exchange.process(), status: fault.status });
    case 'soap-fault':
      return send(exchange, exchange.fault(fault.name));
    case 'unsealed':
      return send({ ...exchange, protection: undefined }, exchange.process());
    case 'tamper':
      return tamper(exchange, fault.what);
    case 'replay':
      return replay(exchange);
    case 'huge':
      return sendBlanks(exchange, fault.bytes);
    case 'cut':
      return cut(exchange);
    case 'hang':
      return hang(exchange, planned, fault.when);
    case 'reset':
      if (fault.when === 'after') exchange.process();
      return exchange.reset();
    case 'lie':
      return send(exchange, exchange.pretend());
    case 'vanish':
      exchange.vanish();
      return send(exchange, exchange.process());
    default:
      fault satisfies never;
  }
}

type Tampering = Extract<Fault, { kind: 'tamper' }>['what'];

/** The signature begins 4 octets after this line, the data 16 octets later. */
const LAST_LINE = '\tContent-Type: application/octet-stream\r\n';

const SPOILS: Readonly<Record<Exclude<Tampering, 'relates-to'>, Spoil>> = {
  signature: (body) => flip(body, body.indexOf(LAST_LINE) + LAST_LINE.length + 4 + 5),
  data: (body) => flip(body, body.indexOf(LAST_LINE) + LAST_LINE.length + 4 + 16),
  length: (body) =>
    Buffer.from(
      body.toString('latin1').replace(/;Length=(\d+)/, (_, digits) => `;Length=${Number(digits) + 1}`),
      'latin1',
    ),
  truncate: (body) => body.subarray(0, body.length / 2),
};

function tamper(exchange: Exchange, what: Tampering): Promise<void> {
  const answer = exchange.process();
  if (what !== 'relates-to') return send(exchange, answer, SPOILS[what]);
  const body = answer.body?.replace(/(<a:RelatesTo>)[^<]*/, '$1uuid:00000000-0000-0000-0000-000000000000');
  return send(exchange, { ...answer, body });
}

function flip(body: Buffer, at: number): Buffer {
  const spoiled = Buffer.from(body);
  spoiled[at] = (spoiled[at] ?? 0) ^ 1;
  return spoiled;
}

function replay(exchange: Exchange): Promise<void> {
  const { lastSealed } = exchange;
  const answer = exchange.process();
  return send(exchange, answer, (body) => lastSealed ?? body);
}

function hang(exchange: Exchange, planned: PlannedFault<Fault>, when: 'before' | 'after'): void {
  const answer = when === 'after' ? exchange.process() : undefined;
  planned.hold(exchange.response, () => void send(exchange, answer ?? exchange.process()));
}

async function cut(exchange: Exchange): Promise<void> {
  const answer = exchange.process();
  const { body, contentType } = await encode(exchange, answer);
  exchange.answering(answer.status);
  exchange.response.writeHead(answer.status, {
    'content-type': contentType,
    ...headersOf(answer),
    'content-length': body.length,
  });
  cutOff(exchange, body);
}

function sendBlanks(exchange: Exchange, bytes: number): void {
  const { response, protection } = exchange;
  exchange.answering(200);
  const contentType = protection === undefined ? SOAP_TYPE : sealedType(protection.protocol);
  response.writeHead(200, { 'content-type': contentType });
  if (protection === undefined) response.write('<?xml version="1.0"?>');
  else
    response.write(
      partHead(protection.protocol, { originalType: SOAP_TYPE, length: bytes, tokenLength: 16 }),
    );
  endWithBlanks(response, bytes);
}
