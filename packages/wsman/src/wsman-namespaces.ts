/** Namespaces by the prefixes that the specifications and Windows use for them (DSP0226 annex A, MS-WSMV 2.2.1). */
export const NS = {
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

export const RESOURCE = {
  shell: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell',
  command: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Command',
  cmd: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd',
  winrs: 'http://schemas.microsoft.com/wbem/wsman/1/config/winrs',
} as const;

/** What the ResourceUri of every PowerShell endpoint begins with. */
export const POWERSHELL = 'http://schemas.microsoft.com/powershell/';

export const ACTION = {
  get: `${NS.x}/Get`,
  put: `${NS.x}/Put`,
  create: `${NS.x}/Create`,
  delete: `${NS.x}/Delete`,
  enumerate: `${NS.n}/Enumerate`,
  pull: `${NS.n}/Pull`,
  release: `${NS.n}/Release`,
  command: `${NS.rsp}/Command`,
  receive: `${NS.rsp}/Receive`,
  signal: `${NS.rsp}/Signal`,
  disconnect: `${NS.rsp}/Disconnect`,
} as const;
