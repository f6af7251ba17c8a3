import { randomUUID } from 'node:crypto';
import { DisconnectError } from '@slipline/core';
import { NS } from './wsman-namespaces.ts';
import { childOf, parseXml, textOf, type XmlElement } from './wsman-xml.ts';

/** One operation on one resource (DSP0226 clause 5.4). */
export interface WsmanRequest {
  readonly action: string;
  readonly resourceUri: string;
  readonly selectors?: Readonly<Record<string, string>> | undefined;
  readonly options?: Readonly<Record<string, string>> | undefined;
  /** XML that is well-formed by itself, its prefixes those of `NS`; none where the operation has no body. */
  readonly body?: string | undefined;
  /** Seconds the service may take; 20 when absent. */
  readonly operationTimeout?: number | undefined;
}

/** What the service allows in one message before anybody has asked it: the limit of its oldest versions. */
const MAX_ENVELOPE_SIZE = 153_600;

const PREFIXES = Object.entries(NS)
  .map(([prefix, namespace]) => `xmlns:${prefix}="${namespace}"`)
  .join(' ');

/** Without headers, as MS-WSMV 3.1.4.1.23 wants it. */
export const IDENTIFY = `<s:Envelope xmlns:s="${NS.s}" xmlns:wsmid="${NS.wsmid}"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>`;

export const newId = (): string => `uuid:${randomUUID().toUpperCase()}`;

/** The message for `request`, to be answered in relation to `messageId`. */
export function envelope(to: string, sessionId: string, messageId: string, request: WsmanRequest): string {
  const { action, resourceUri, body = '', operationTimeout = 20 } = request;
  const must = 's:mustUnderstand="true"';
  const may = 's:mustUnderstand="false"';
  return [
    `<s:Envelope ${PREFIXES}><s:Header>`,
    `<a:Action ${must}>${escapeXml(action)}</a:Action><a:To>${escapeXml(to)}</a:To>`,
    `<a:ReplyTo><a:Address ${must}>${NS.a}/role/anonymous</a:Address></a:ReplyTo>`,
    `<a:MessageID>${messageId}</a:MessageID>`,
    `<w:ResourceURI ${must}>${escapeXml(resourceUri)}</w:ResourceURI>`,
    `<w:MaxEnvelopeSize ${must}>${MAX_ENVELOPE_SIZE}</w:MaxEnvelopeSize>`,
    `<w:OperationTimeout>PT${operationTimeout}S</w:OperationTimeout>`,
    `<w:Locale ${may} xml:lang="en-US"/><p:DataLocale ${may} xml:lang="en-US"/>`,
    `<p:SessionId ${may}>${sessionId}</p:SessionId>`,
    selectorSet(request.selectors),
    named('Option', request.options, `<w:OptionSet ${must}>`, '</w:OptionSet>'),
    `</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
  ].join('');
}

function selectorSet(selectors: WsmanRequest['selectors']): string {
  return named('Selector', selectors, '<w:SelectorSet>', '</w:SelectorSet>');
}

function named(
  element: string,
  values: Readonly<Record<string, string>> | undefined,
  before: string,
  after: string,
): string {
  if (values === undefined) return '';
  const list = Object.entries(values).map(
    ([name, value]) => `<w:${element} Name="${escapeXml(name)}">${escapeXml(value)}</w:${element}>`,
  );
  return before + list.join('') + after;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

// With `u`, half a surrogate pair is a character of its own.
const UNWRITABLE = /[^\t\n\r\P{Cc}]|[\uFFFE\uFFFF]|\p{Surrogate}/u;

/** Text for XML 1.0; throws `invalid-request` for characters that it has no way to write. */
export function escapeXml(text: string): string {
  if (UNWRITABLE.test(text)) {
    throw new DisconnectError('invalid-request', 'a value has characters that cannot be sent', {
      next: 'give it without control characters',
    });
  }
  return text.replaceAll(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

/** What a message carries. */
export interface WsmanMessage {
  /** The only child of the body, if there is one. */
  readonly content: XmlElement | undefined;
  readonly fault: XmlElement | undefined;
  readonly relatesTo: string | undefined;
}

/** Throws `protocol` for what is no SOAP 1.2 envelope. */
export function readEnvelope(text: string): WsmanMessage {
  const root = parseXml(text);
  const body = childOf(root, NS.s, 'Body');
  if (root.namespace !== NS.s || root.name !== 'Envelope' || body === undefined) {
    throw new DisconnectError('protocol', 'the answer is XML, but no SOAP 1.2', {
      next: 'check that WinRM answers at this port and path',
      mayHaveTakenEffect: true,
    });
  }
  const [content] = body.children;
  return {
    content,
    fault: childOf(body, NS.s, 'Fault'),
    relatesTo: textOf(childOf(root, NS.s, 'Header'), NS.a, 'RelatesTo'),
  };
}
