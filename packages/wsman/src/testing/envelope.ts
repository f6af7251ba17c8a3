import { randomUUID } from 'node:crypto';
import { parseDuration } from './durations.ts';
import { ACTIONS, ANONYMOUS, FAULT_ACTIONS, NAMESPACES, type Operation, type Prefix } from './namespaces.ts';
import { WsmanFault } from './wsman-faults.ts';
import { child, escapeXml, parseXml, type XmlElement } from './xml.ts';

/** A request, its headers read and checked. */
export interface WsmanRequest {
  readonly operation: Operation;
  readonly action: string;
  readonly resourceUri: string;
  readonly messageId: string;
  /** `p:SessionId`: the client session. */
  readonly sessionId: string | undefined;
  readonly selectors: ReadonlyMap<string, string>;
  readonly options: ReadonlyMap<string, string>;
  /** The largest reply that the client takes, in octets. */
  readonly maxEnvelopeSize: number;
  /** In milliseconds. */
  readonly operationTimeout: number;
  /** The element in the body; most operations on shells have none. */
  readonly body: XmlElement | undefined;
}

/** The smallest `MaxEnvelopeSize` that the service takes (MS-WSMV 2.2.4.25). */
const LEAST_ENVELOPE = 8192;
const DEFAULT_ENVELOPE = 153_600;
const DEFAULT_TIMEOUT = 60_000;

const UNDERSTOOD = new Set([
  ...['Action', 'To', 'ReplyTo', 'MessageID', 'RelatesTo', 'FaultTo', 'From'].map((name) => `a:${name}`),
  ...['ResourceURI', 'SelectorSet', 'OptionSet', 'MaxEnvelopeSize', 'OperationTimeout', 'Locale'].map(
    (name) => `w:${name}`,
  ),
  ...['DataLocale', 'SessionId', 'OperationID', 'SequenceId', 'ActivityId'].map((name) => `p:${name}`),
]);

const PREFIX_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMESPACES).map(([prefix, namespace]) => [namespace, prefix]),
);

/** Reads an envelope; throws `WsmanFault`, or any other error for what is no SOAP at all. */
export function readEnvelope(text: string): WsmanRequest {
  const envelope = parseXml(text);
  if (envelope.namespace !== NAMESPACES.s || envelope.name !== 'Envelope')
    throw new Error('There is no envelope.');
  const header = child(envelope, NAMESPACES.s, 'Header');
  const [body, ...more] = child(envelope, NAMESPACES.s, 'Body')?.children ?? [];
  if (more.length > 0) throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  if (body?.namespace === NAMESPACES.wsmid && body.name === 'Identify') return identify(body);
  checkUnderstood(header);
  const value = (prefix: Prefix, name: string): string | undefined =>
    child(header, NAMESPACES[prefix], name)?.text.trim();
  const required = (prefix: Prefix, name: string): string => {
    const text = value(prefix, name);
    if (text !== undefined && text !== '') return text;
    throw new WsmanFault('MESSAGE_INFORMATION_HEADER_REQUIRED', `The header ${prefix}:${name} is missing.`);
  };
  const action = required('a', 'Action');
  const operation = operationOf(action);
  checkReplyTo(header);
  required('a', 'To');
  return {
    operation,
    action,
    messageId: required('a', 'MessageID'),
    resourceUri: required('w', 'ResourceURI'),
    sessionId: value('p', 'SessionId'),
    selectors: named(child(header, NAMESPACES.w, 'SelectorSet'), 'Selector'),
    options: named(child(header, NAMESPACES.w, 'OptionSet'), 'Option'),
    maxEnvelopeSize: envelopeSize(value('w', 'MaxEnvelopeSize')),
    operationTimeout: operationTimeout(value('w', 'OperationTimeout')),
    body,
  };
}

/** A whole reply around the body's XML. */
export function writeEnvelope(action: string, relatesTo: string | undefined, body: string): string {
  const declared = Object.entries(NAMESPACES).map(([prefix, namespace]) => `xmlns:${prefix}="${namespace}"`);
  const related = relatesTo === undefined ? '' : `<a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo>`;
  return (
    `<s:Envelope xml:lang="en-US" ${declared.join(' ')}><s:Header><a:Action>${action}</a:Action>` +
    `<a:MessageID>uuid:${randomUUID().toUpperCase()}</a:MessageID><a:To>${ANONYMOUS}</a:To>${related}` +
    `<p:ActivityId s:mustUnderstand="false">${randomUUID().toUpperCase()}</p:ActivityId></s:Header>` +
    `<s:Body>${body}</s:Body></s:Envelope>`
  );
}

/** The reply that says why a request failed (MS-WSMV 2.2.4.43). */
export function writeFault(fault: WsmanFault, relatesTo: string | undefined, machine: string): string {
  const { code, side, subcode, detail } = fault.kind;
  const text = escapeXml(fault.message);
  const wsmanFault = (message: string): string =>
    `<f:WSManFault Code="${code}" Machine="${escapeXml(machine)}"><f:Message>${message}</f:Message></f:WSManFault>`;
  const nested = `<f:ProviderFault provider="Shell" path="%systemroot%\\system32\\winrscmd.dll">${wsmanFault(text)}</f:ProviderFault>`;
  const detailUri = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail';
  return writeEnvelope(
    FAULT_ACTIONS[faultPrefix(subcode?.[0])],
    relatesTo,
    `<s:Fault><s:Code><s:Value>s:${side}</s:Value>` +
      (subcode === undefined ? '' : `<s:Subcode><s:Value>${subcode[0]}:${subcode[1]}</s:Value></s:Subcode>`) +
      `</s:Code><s:Reason><s:Text xml:lang="en-US">${text}</s:Text></s:Reason><s:Detail>` +
      (detail === undefined ? '' : `<w:FaultDetail>${detailUri}/${detail}</w:FaultDetail>`) +
      `${wsmanFault(fault.isNested ? nested : text)}</s:Detail></s:Fault>`,
  );
}

function faultPrefix(prefix: Prefix | undefined): keyof typeof FAULT_ACTIONS {
  return prefix === 'a' || prefix === 'n' || prefix === 'x' || prefix === 's' ? prefix : 'w';
}

function identify(body: XmlElement): WsmanRequest {
  return {
    operation: 'Identify',
    action: '',
    resourceUri: '',
    messageId: '',
    sessionId: undefined,
    selectors: new Map(),
    options: new Map(),
    maxEnvelopeSize: DEFAULT_ENVELOPE,
    operationTimeout: DEFAULT_TIMEOUT,
    body,
  };
}

function operationOf(action: string): Operation {
  const found = Object.entries(ACTIONS).find(([, uri]) => uri === action);
  if (found === undefined)
    throw new WsmanFault('ACTION_NOT_SUPPORTED', `The action ${action} is not supported.`);
  return found[0] as Operation;
}

function checkUnderstood(header: XmlElement | undefined): void {
  for (const { namespace, name, attributes } of header?.children ?? []) {
    const flag = attributes.get(`{${NAMESPACES.s}}mustUnderstand`);
    const isKnown = UNDERSTOOD.has(`${PREFIX_OF.get(namespace)}:${name}`);
    if (!isKnown && (flag === 'true' || flag === '1'))
      throw new WsmanFault('SOAP_FAULT_MUST_UNDERSTAND', `The header ${name} is not understood.`);
  }
}

function checkReplyTo(header: XmlElement | undefined): void {
  const address = child(child(header, NAMESPACES.a, 'ReplyTo'), NAMESPACES.a, 'Address');
  if (address === undefined)
    throw new WsmanFault('MESSAGE_INFORMATION_HEADER_REQUIRED', 'The header a:ReplyTo is missing.');
  if (address.text.trim() !== ANONYMOUS) throw new WsmanFault('INVALID_MESSAGE_INFORMATION_HEADER');
}

function named(set: XmlElement | undefined, name: string): ReadonlyMap<string, string> {
  const values = (set?.children ?? []).filter(
    (element) => element.namespace === NAMESPACES.w && element.name === name,
  );
  return new Map(values.map(({ attributes, text }) => [attributes.get('Name') ?? '', text.trim()]));
}

function envelopeSize(text: string | undefined): number {
  const size = text === undefined ? DEFAULT_ENVELOPE : Number(text);
  if (!Number.isSafeInteger(size) || size < LEAST_ENVELOPE) throw new WsmanFault('ENCODING_LIMIT');
  return size;
}

function operationTimeout(text: string | undefined): number {
  const timeout = text === undefined ? DEFAULT_TIMEOUT : parseDuration(text);
  if (timeout === undefined || timeout <= 0) throw new WsmanFault('INVALID_MESSAGE_INFORMATION_HEADER');
  return timeout;
}
