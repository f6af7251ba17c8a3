import type { RecordField } from '@slipline/core';

/** A session as Get-TerminalSession prints it. */
export const RECORD: readonly RecordField[] = [
  { name: 'SessionId', from: 'details.sessionId' },
  { name: 'State', from: 'details.state' },
  { name: 'SessionName', from: 'details.sessionName' },
  { name: 'UserName', from: 'details.userName' },
  { name: 'DomainName', from: 'details.domainName' },
  { name: 'ComputerName', from: 'endpoint' },
  { name: 'ClientName', from: 'details.clientName' },
  { name: 'LogonTime', from: 'details.logonTime' },
  { name: 'IdleSeconds', from: 'details.idleSeconds' },
];

/** What Windows keeps of a session (WTSINFO), as far as hosts tell it. */
export const WTS_INFO: readonly RecordField[] = [
  { name: 'ComputerName', from: 'endpoint' },
  { name: 'SessionId', from: 'details.sessionId' },
  { name: 'State', from: 'details.state' },
  { name: 'WinStationName', from: 'details.sessionName' },
  { name: 'Domain', from: 'details.domainName' },
  { name: 'UserName', from: 'details.userName' },
  { name: 'ConnectTime', from: 'details.connectTime' },
  { name: 'DisconnectTime', from: 'details.disconnectTime' },
  { name: 'LastInputTime', from: 'details.lastInputTime' },
  { name: 'LogonTime', from: 'details.logonTime' },
];

/** What Windows keeps of a session's client (WTSCLIENT), as far as hosts tell it. */
export const CLIENT_INFO: readonly RecordField[] = [
  { name: 'ComputerName', from: 'endpoint' },
  { name: 'SessionId', from: 'details.sessionId' },
  { name: 'ClientName', from: 'details.clientName' },
  { name: 'Domain', from: 'details.domainName' },
  { name: 'UserName', from: 'details.userName' },
  { name: 'EncryptionLevel', from: 'details.encryptionLevel' },
  { name: 'ClientAddress', from: 'details.clientAddress' },
  { name: 'HRes', from: 'details.horizontalResolution' },
  { name: 'VRes', from: 'details.verticalResolution' },
  { name: 'ColorDepth', from: 'details.colorDepth' },
  { name: 'ClientBuildNumber', from: 'details.clientBuildNumber' },
];
