// The messages of WS-Management that the baselines post.
import { randomUUID } from 'node:crypto';
import { NS, RESOURCE } from '@slipline/wsman';

const prefixes = Object.entries(NS)
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');

export const IDENTIFY = `<s:Envelope ${prefixes}><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>`;

export function envelope({ port }, action, resourceUri, shellId, body = '') {
  const must = 's:mustUnderstand="true"';
  const selectors =
    shellId === undefined
      ? ''
      : `<w:SelectorSet><w:Selector Name="ShellId">${shellId}</w:Selector></w:SelectorSet>`;
  return (
    `<s:Envelope ${prefixes}><s:Header><a:Action ${must}>${action}</a:Action><a:To>http://127.0.0.1:${port}/wsman</a:To>` +
    `<a:ReplyTo><a:Address ${must}>${NS.a}/role/anonymous</a:Address></a:ReplyTo><a:MessageID>uuid:${randomUUID().toUpperCase()}</a:MessageID>` +
    `<w:ResourceURI ${must}>${resourceUri}</w:ResourceURI><w:MaxEnvelopeSize ${must}>153600</w:MaxEnvelopeSize>` +
    `<w:OperationTimeout>PT20S</w:OperationTimeout>${selectors}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  );
}

export const get = (service, id) => envelope(service, `${NS.x}/Get`, RESOURCE.shell, id);
export const remove = (service, id) => envelope(service, `${NS.x}/Delete`, RESOURCE.cmd, id);

export const enumerate = (service) =>
  envelope(
    service,
    `${NS.n}/Enumerate`,
    RESOURCE.shell,
    undefined,
    '<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements></n:Enumerate>',
  );

export const pull = (service, context) =>
  envelope(
    service,
    `${NS.n}/Pull`,
    RESOURCE.shell,
    undefined,
    `<n:Pull><n:EnumerationContext>${context}</n:EnumerationContext><n:MaxElements>32000</n:MaxElements></n:Pull>`,
  );
