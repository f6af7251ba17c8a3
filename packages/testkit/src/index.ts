export { findCanaries } from './canary.ts';
export { createAuthority, type Authority, type Identity, type IdentityOptions } from './authority.ts';
export type { Bench, BenchOptions, BenchSession, LabFacts, LabUser, Observed, Shared } from './bench.ts';
export { openBenches, type Benches, type BenchesOptions, type BenchSource } from './benches.ts';
export { ledgerChecks, type LedgerCheck, type MakeLedger } from './ledger-checks.ts';
export { manualClock, type ManualClock } from './manual-clock.ts';
export { providerChecks, type Check } from './provider-checks.ts';
export { recordingLogger, type LogRecord, type RecordingLogger } from './recording-logger.ts';
