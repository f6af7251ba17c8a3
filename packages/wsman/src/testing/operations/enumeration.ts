import { NAMESPACES, RESOURCES, SELECTOR_FILTER } from '../namespaces.ts';
import { WsmanFault } from '../wsman-faults.ts';
import { child, escapeXml, type XmlElement } from '../xml.ts';
import { ownsOrAdministers, type Call } from './call.ts';
import { shellXml } from './shell-xml.ts';

/** Octets of a reply besides its rows. */
const OVERHEAD = 3000;
/** What Windows takes at most, and what it sends where a Pull asks for no number. */
const MAX_ELEMENTS = 32_000;
const DEFAULT_ELEMENTS = 20;

export function enumerate(call: Call): string {
  const { request, state } = call;
  const ask = request.body;
  if (ask?.namespace !== NAMESPACES.n || ask.name !== 'Enumerate')
    throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  const rows = rowsOf(call, child(ask, NAMESPACES.w, 'Filter') ?? child(ask, NAMESPACES.n, 'Filter'));
  const isOptimised =
    child(ask, NAMESPACES.w, 'OptimizeEnumeration') !== undefined && state.settings.honoursOptimisation;
  if (!isOptimised) {
    const context = state.enumerations.open(rows, 0);
    return `<n:EnumerateResponse><n:EnumerationContext>${context}</n:EnumerationContext></n:EnumerateResponse>`;
  }
  const end = endOfPage(call, rows, 0, maxElements(child(ask, NAMESPACES.w, 'MaxElements'), 1));
  const isEnd = end === rows.length;
  const context = isEnd ? '' : state.enumerations.open(rows, end);
  const items = rows.slice(0, end).join('');
  return (
    `<n:EnumerateResponse><n:EnumerationContext>${context}</n:EnumerationContext>` +
    (items === '' ? '' : `<w:Items>${items}</w:Items>`) +
    `${isEnd ? '<w:EndOfSequence/>' : ''}</n:EnumerateResponse>`
  );
}

export function pull(call: Call): string {
  const { request, state } = call;
  const { enumerations, settings } = state;
  const context = contextOf(request.body, 'Pull');
  const enumeration = enumerations.find(context);
  if (enumeration === undefined) throw new WsmanFault('INVALID_ENUMERATION_CONTEXT');
  const { rows, next } = enumeration;
  const asked = maxElements(child(request.body, NAMESPACES.n, 'MaxElements'), DEFAULT_ELEMENTS);
  const end = endOfPage(call, rows, next, asked);
  const first = settings.repeatsRows && next > 0 ? next - 1 : next;
  const items = `<n:Items>${rows.slice(first, end).join('')}</n:Items>`;
  enumeration.next = end;
  if (end === rows.length) {
    enumerations.release(context);
    return `<n:PullResponse>${items}<n:EndOfSequence/></n:PullResponse>`;
  }
  const following = settings.renewsContexts ? enumerations.open(rows, end) : context;
  if (following !== context) enumerations.release(context);
  return `<n:PullResponse><n:EnumerationContext>${following}</n:EnumerationContext>${items}</n:PullResponse>`;
}

export function release({ request, state }: Call): string {
  if (!state.enumerations.release(contextOf(request.body, 'Release')))
    throw new WsmanFault('INVALID_ENUMERATION_CONTEXT');
  return '';
}

function rowsOf(call: Call, filter: XmlElement | undefined): readonly string[] {
  const { request, state } = call;
  const { resourceUri, selectors } = request;
  if (selectors.size > 0) throw new WsmanFault('INVALID_SELECTORS');
  if (resourceUri === RESOURCES.commands) return commandRows(call, filter);
  if (resourceUri !== RESOURCES.shells && resourceUri !== RESOURCES.cmd)
    throw new WsmanFault('INVALID_RESOURCE_URI');
  if (filter !== undefined) throw new WsmanFault('FILTERING_NOT_SUPPORTED');
  return state.shells
    .all()
    .filter((shell) => resourceUri === RESOURCES.shells || shell.resourceUri === resourceUri)
    .filter((shell) => ownsOrAdministers(call, shell))
    .map((shell) => shellXml(shell, state.now(), state.settings));
}

function commandRows(call: Call, filter: XmlElement | undefined): readonly string[] {
  const selector = child(child(filter, NAMESPACES.w, 'SelectorSet'), NAMESPACES.w, 'Selector');
  if (filter?.attributes.get('Dialect') !== SELECTOR_FILTER || selector?.attributes.get('Name') !== 'ShellId')
    throw new WsmanFault('SHELLCOMMANDS_FILTER_EXPECTED');
  const shell = call.state.shells.find(selector.text.trim());
  if (shell === undefined) throw new WsmanFault('UNEXPECTED_SELECTORS');
  if (!ownsOrAdministers(call, shell)) throw new WsmanFault('ACCESS_DENIED');
  return [...shell.commands.values()].map(
    ({ id, line, result }) =>
      `<rsp:Command><rsp:ShellId>${escapeXml(shell.id)}</rsp:ShellId><rsp:CommandId>${id}</rsp:CommandId>` +
      `<rsp:CommandState>${result === undefined ? 'Running' : 'Done'}</rsp:CommandState>` +
      `<rsp:CommandLine>${escapeXml(line)}</rsp:CommandLine></rsp:Command>`,
  );
}

function maxElements(element: XmlElement | undefined, otherwise: number): number {
  const count = element === undefined ? otherwise : Number(element.text);
  if (!Number.isSafeInteger(count) || count < 1) throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  return Math.min(count, MAX_ELEMENTS);
}

/** Where the page ends that begins at `start`: after `most` rows, or when the reply is as large as the client takes. */
function endOfPage({ request }: Call, rows: readonly string[], start: number, most: number): number {
  let size = OVERHEAD;
  let end = start;
  while (end < rows.length && end - start < most) {
    size += Buffer.byteLength(rows[end] ?? '');
    if (size > request.maxEnvelopeSize) break;
    end += 1;
  }
  if (end === start && end < rows.length) throw new WsmanFault('MAX_ENVELOPE_SIZE_EXCEEDED');
  return end;
}

function contextOf(body: XmlElement | undefined, name: string): string {
  const context = child(body, NAMESPACES.n, 'EnumerationContext')?.text.trim();
  if (body?.name !== name || context === undefined || context === '')
    throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  return context;
}
