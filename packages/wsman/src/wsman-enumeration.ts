import { DisconnectError } from '@slipline/core';
import { NS } from './wsman-namespaces.ts';
import { escapeXml } from './wsman-soap.ts';
import { childOf, textOf, type XmlElement } from './wsman-xml.ts';

/** As many as fit into a message: the service itself keeps to MaxEnvelopeSize. */
const PER_PAGE = 32_000;

/** Asks for the first items at once, which a service may ignore (DSP0226 clause 8.2.3). */
export function enumerateBody(filter: string): string {
  return `<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>${PER_PAGE}</w:MaxElements>${filter}</n:Enumerate>`;
}

export function pullBody(context: string): string {
  return `<n:Pull><n:EnumerationContext>${escapeXml(context)}</n:EnumerationContext><n:MaxElements>${PER_PAGE}</n:MaxElements></n:Pull>`;
}

export function releaseBody(context: string): string {
  return `<n:Release><n:EnumerationContext>${escapeXml(context)}</n:EnumerationContext></n:Release>`;
}

export interface Page {
  readonly items: readonly XmlElement[];
  /** What names the rest to the service, if it says so. */
  readonly context: string | undefined;
  readonly isLast: boolean;
}

/** Both shapes: items with the first answer (`w:Items`), and items of a Pull (`n:Items`). */
export function readPage(response: XmlElement): Page {
  const { namespace, name } = response;
  if (namespace !== NS.n || (name !== 'EnumerateResponse' && name !== 'PullResponse')) {
    throw new DisconnectError('protocol', 'the answer to a listing is no list', {
      next: 'check that WinRM answers at this port and path',
    });
  }
  const has = (child: string): boolean =>
    childOf(response, NS.w, child) !== undefined || childOf(response, NS.n, child) !== undefined;
  const items = childOf(response, NS.w, 'Items') ?? childOf(response, NS.n, 'Items');
  const isLast = has('EndOfSequence');
  const context = isLast ? undefined : textOf(response, NS.n, 'EnumerationContext');
  return {
    items: items?.children ?? [],
    context,
    isLast: isLast || (name === 'EnumerateResponse' && context === undefined),
  };
}
