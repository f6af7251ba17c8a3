export {
  STATES,
  type Desktop,
  type Desktops,
  type DesktopState,
  type NewDesktop,
  type Right,
} from './desktops.ts';
export {
  FakeWindowsHost,
  TerminalServices,
  type FakeWindowsHostOptions,
  type HostUser,
} from './fake-windows-host.ts';
export { openBench, type TerminalSessionsBench, type TerminalSessionsBenchOptions } from './bench.ts';
export { SambaHost } from './samba-host.ts';
