import { randomUUID } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { FakeWinrm } from './fake-winrm.ts';
import { ACTIONS, ANONYMOUS, NAMESPACES } from './namespaces.ts';
import { child, parseXml, type XmlElement } from './xml.ts';

export const ADMINISTRATOR = {
  userName: 'Administrator',
  domain: 'CORP',
  password: 'Secret123',
  isAdministrator: true,
};
export const PERSON = { userName: 'jdoe', domain: 'CORP', password: 'Secret456' };

/** Settings under which everything can be said in the clear. */
export const IN_THE_CLEAR = {
  users: [ADMINISTRATOR, PERSON],
  allowUnencrypted: true,
  authentication: { basic: true },
} as const;

export interface Wanted {
  readonly action?: keyof typeof ACTIONS | undefined;
  readonly resource?: string | undefined;
  readonly selectors?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Further headers, as XML. */
  readonly more?: string | undefined;
  /** What becomes of the envelope before it is sent. */
  readonly change?: ((envelope: string) => string) | undefined;
}

const MESSAGE_ID = `uuid:${randomUUID().toUpperCase()}`;

export function envelope({ action, resource, selectors = {}, body = '', more = '' }: Wanted): string {
  const declared = Object.entries(NAMESPACES).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`);
  const set = Object.entries(selectors).map(
    ([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`,
  );
  const header =
    action === undefined
      ? ''
      : `<a:Action s:mustUnderstand="true">${ACTIONS[action]}</a:Action><a:To>http://host:5985/wsman</a:To>` +
        `<a:ReplyTo><a:Address s:mustUnderstand="true">${ANONYMOUS}</a:Address></a:ReplyTo>` +
        `<a:MessageID>${MESSAGE_ID}</a:MessageID><w:ResourceURI s:mustUnderstand="true">${resource}</w:ResourceURI>` +
        `<w:OperationTimeout>PT20S</w:OperationTimeout><w:SelectorSet>${set.join('')}</w:SelectorSet>${more}`;
  return `<s:Envelope ${declared.join(' ')}><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Buffer | undefined;
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string } | undefined;
}

/** One request, on a connection of its own. */
export async function http({
  url,
  method = 'POST',
  headers = {},
  body = '',
  tls,
}: HttpRequest): Promise<HttpAnswer> {
  const agent = tls === undefined ? new Agent() : new TlsAgent(tls);
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https') ? tlsRequest : request;
    const outgoing = send(url, { method, headers, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export const basic = ({ userName, password }: { userName: string; password: string }): string =>
  `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;

/** What a service says to one envelope. */
export interface SoapAnswer {
  readonly status: number;
  readonly action: string | undefined;
  readonly relatesTo: string | undefined;
  /** The element in the body. */
  readonly body: XmlElement | undefined;
  /** The code of a fault, the innermost message, and `w:InvalidSelectors` or the like. */
  readonly fault: { readonly code: number; readonly message: string; readonly subcode: string } | undefined;
}

export function readAnswer({ status, body }: HttpAnswer): SoapAnswer {
  const root = parseXml(body.toString());
  const header = child(root, NAMESPACES.s, 'Header');
  const content = child(root, NAMESPACES.s, 'Body')?.children[0];
  return {
    status,
    action: child(header, NAMESPACES.a, 'Action')?.text,
    relatesTo: child(header, NAMESPACES.a, 'RelatesTo')?.text,
    body: content,
    fault: faultOf(content),
  };
}

/** Asks in the clear, as the administrator where nobody else is named. */
export async function ask(
  winrm: FakeWinrm,
  wanted: Wanted,
  user: { userName: string; password: string } = ADMINISTRATOR,
): Promise<SoapAnswer> {
  const { change = (text) => text } = wanted;
  const headers = {
    authorization: basic(user),
    'content-type': 'application/soap+xml;charset=UTF-8',
  };
  return readAnswer(await http({ url: winrm.httpUrl, headers, body: change(envelope(wanted)) }));
}

/** The texts of all elements of this name, wherever they stand. */
export function textsOf(element: XmlElement | undefined, name: string): readonly string[] {
  if (element === undefined) return [];
  const own = element.name === name ? [element.text] : [];
  return [...own, ...element.children.flatMap((inner) => textsOf(inner, name))];
}

/** The first element of this name, wherever it stands. */
export function find(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (element === undefined || element.name === name) return element;
  for (const inner of element.children) {
    const found = find(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function faultOf(content: XmlElement | undefined): SoapAnswer['fault'] {
  if (content?.name !== 'Fault') return undefined;
  const outer = find(content, 'WSManFault');
  return {
    code: Number(outer?.attributes.get('Code')),
    message: textsOf(outer, 'Message').findLast((text) => text !== '') ?? '',
    subcode: find(find(content, 'Subcode'), 'Value')?.text ?? '',
  };
}
