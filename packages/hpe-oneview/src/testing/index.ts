export type { ActiveFault } from '@slipline/fake-http';
export { openBench, type OneViewBench, type OneViewBenchOptions } from './bench.ts';
export { FakeAppliance, type FakeApplianceOptions } from './fake-appliance.ts';
export { faults, HOSTILE_TEXT, type Fault, type FaultScope } from './faults.ts';
export type { RecordedRequest, RequestMatch } from './recorded-request.ts';
export type { Permission, Session, SessionEnding } from './session-store.ts';
export {
  RELEASES,
  type LoginDomain,
  type Release,
  type Settings,
  type SettingsChange,
  type UncertainCode,
  type User,
} from './settings.ts';
