import { DisconnectError } from '@slipline/core';
import { NS } from './wsman-namespaces.ts';
import { textOf, type XmlElement } from './wsman-xml.ts';

/** What a service says of itself (DSP0226 clause 11). */
export interface WsmanIdentification {
  readonly protocolVersion: string;
  readonly vendor: string | undefined;
  /** From Windows: `OS: 10.0.17763 SP: 0.0 Stack: 3.0`. */
  readonly productVersion: string | undefined;
}

export function readIdentity(content: XmlElement | undefined): WsmanIdentification {
  const text = (name: string): string | undefined => textOf(content, NS.wsmid, name)?.slice(0, 200);
  const protocolVersion = text('ProtocolVersion');
  if (
    content?.namespace !== NS.wsmid ||
    content.name !== 'IdentifyResponse' ||
    protocolVersion === undefined
  ) {
    throw new DisconnectError('protocol', 'what answers there does not say that it is WS-Management', {
      next: 'check port (5985, with TLS 5986) and --application-name (wsman)',
    });
  }
  return { protocolVersion, vendor: text('ProductVendor'), productVersion: text('ProductVersion') };
}
