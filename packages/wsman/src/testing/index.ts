export type { ActiveFault } from '@slipline/fake-http';
export { openBench, type WsmanBench, type WsmanBenchOptions } from './bench.ts';
export {
  simpleCommands,
  type CommandRequest,
  type CommandResult,
  type CommandRunner,
} from './command-runner.ts';
export { FakeWinrm, type FakeWinrmOptions } from './fake-winrm.ts';
export { faults, type Fault, type FaultScope, type RawAnswer } from './faults.ts';
export { RESOURCES } from './namespaces.ts';
export type { RecordedRequest, RequestKind } from './recorded-request.ts';
export type { AuthenticationSettings, Settings, SettingsChange, WinrmUser } from './settings.ts';
export type { NewShell, Shell, ShellCommand, ShellEnding } from './shell-store.ts';
export { CmdletError, WsmanDrive, type CmdletErrorKey, type DriveRow } from './wsman-drive.ts';
export { FAULT_NAMES, type FaultName } from './wsman-faults.ts';
