/** Namespaces by the prefixes that the fake's replies use (MS-WSMV 2.1.3.1, DSP0226 Annex A). */
export const NAMESPACES = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  a: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  w: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  p: 'http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd',
  n: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
  x: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  rsp: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell',
  f: 'http://schemas.microsoft.com/wbem/wsman/1/wsmanfault',
  cfg: 'http://schemas.microsoft.com/wbem/wsman/1/config',
  wsmid: 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd',
} as const;

export type Prefix = keyof typeof NAMESPACES;

export const FAULT_ACTIONS = {
  w: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault',
  a: `${NAMESPACES.a}/fault`,
  n: `${NAMESPACES.n}/fault`,
  x: `${NAMESPACES.x}/fault`,
  s: `${NAMESPACES.a}/fault`,
} as const;

export const RESOURCES = {
  shells: NAMESPACES.rsp,
  commands: `${NAMESPACES.rsp}/Command`,
  cmd: `${NAMESPACES.rsp}/cmd`,
  powerShell: 'http://schemas.microsoft.com/powershell/Microsoft.PowerShell',
  config: NAMESPACES.cfg,
  winrsConfig: `${NAMESPACES.cfg}/winrs`,
  serviceConfig: `${NAMESPACES.cfg}/service`,
} as const;

export const ANONYMOUS = `${NAMESPACES.a}/role/anonymous`;
export const SELECTOR_FILTER = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter';
/** What a client with a certificate writes in `Authorization` (DSP0226 Annex C). */
export const MUTUAL = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual';

/** Every operation that a client can ask for, by the end of its action. */
export const ACTIONS = {
  Get: `${NAMESPACES.x}/Get`,
  Put: `${NAMESPACES.x}/Put`,
  Create: `${NAMESPACES.x}/Create`,
  Delete: `${NAMESPACES.x}/Delete`,
  Enumerate: `${NAMESPACES.n}/Enumerate`,
  Pull: `${NAMESPACES.n}/Pull`,
  Release: `${NAMESPACES.n}/Release`,
  Command: `${NAMESPACES.rsp}/Command`,
  Receive: `${NAMESPACES.rsp}/Receive`,
  Send: `${NAMESPACES.rsp}/Send`,
  Signal: `${NAMESPACES.rsp}/Signal`,
  Connect: `${NAMESPACES.rsp}/Connect`,
  Disconnect: `${NAMESPACES.rsp}/Disconnect`,
  Reconnect: `${NAMESPACES.rsp}/Reconnect`,
} as const;

/** `Identify` has no action, but is one of the things that clients do. */
export type Operation = keyof typeof ACTIONS | 'Identify';
