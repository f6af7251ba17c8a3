export { createAuthority, type Authority, type Identity, type IdentityOptions } from './authority.ts';
export type { Bench, BenchOptions, BenchSession, LabFacts, LabUser, Observed } from './bench.ts';
export { ledgerChecks, type LedgerCheck, type MakeLedger } from './ledger-checks.ts';
