export { openBench, type OneViewBench, type OneViewBenchOptions } from './bench.ts';
export { FakeAppliance, type FakeApplianceOptions } from './fake-appliance.ts';
export type { ActiveFault, FaultScope } from './fault-plan.ts';
export { faults, HOSTILE_TEXT, type Fault } from './faults.ts';
export type { RecordedRequest, RequestMatch } from './request-log.ts';
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
